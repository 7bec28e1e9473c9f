//! How much work a launch may be, and a submission.
//!
//! Windows resets a device that does not answer for two seconds. Most devices can answer between launches, some only
//! between submissions.

use super::geometry::Geometry;
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::view::is_aligned;

/// Most multiply-adds of a launch: half a second's on a slow device of the class, one of 0.4 or 1 TFLOP/s, that reaches
/// a fifth of its peak. Software has no limit; nor have strict convolutions, whose sums would depend on it.
fn most_launched(launch: Launch) -> Option<u64> {
    match launch.class() {
        DeviceClass::Software | DeviceClass::Strict => None,
        DeviceClass::Integrated => Some(20_000_000_000 / launch.divisor()),
        DeviceClass::Discrete | DeviceClass::DiscreteWinograd => Some(50_000_000_000 / launch.divisor()),
    }
}

/// Most multiply-adds of a submission: twice those of a launch.
pub fn most_submitted(launch: Launch) -> Option<u64> {
    most_launched(launch).map(|most| 2 * most)
}

/// Equal parts of the batch that are launched one after another, so that no launch takes too long: one, unless images
/// are many and large.
pub fn parts(geometry: &Geometry, launch: Launch) -> usize {
    let Some(most) = most_launched(launch) else { return 1 };
    let mut best = 1;
    for count in (1..=geometry.batch).filter(|&count| can_start(geometry, count)) {
        best = count;
        if geometry.multiply_adds() / count as u64 <= most {
            break;
        }
    }
    best
}

/// Whether the parts are equal, and each starts where a binding may start.
fn can_start(geometry: &Geometry, count: usize) -> bool {
    let dims = [geometry.x_dims(), geometry.y_dims()];
    let lengths = dims.map(|dims| dims.iter().product::<usize>() / count);
    count == 1 || geometry.batch.is_multiple_of(count) && lengths.into_iter().all(is_aligned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv2d::ConvShape;

    fn geometry(batch: usize, channels: usize, side: usize) -> Geometry {
        let shape = ConvShape { stride: 1, enlarge: false };
        Geometry::new([batch, channels, side, side], [channels, channels, 3, 3], shape)
    }

    #[test]
    fn the_largest_convolutions_of_the_presets_are_split() {
        let wide = geometry(64, 256, 32);
        let counts = DeviceClass::FOUND.map(|class| parts(&wide, Launch::of(class)));
        assert_eq!(counts, [1, 2, 1]);
        assert_eq!(parts(&geometry(64, 64, 32), Launch::of(DeviceClass::Integrated)), 1);
        assert_eq!(parts(&geometry(512, 256, 32), Launch::of(DeviceClass::Discrete)), 8);
    }

    #[test]
    fn parts_start_where_bindings_may() {
        let launch = Launch::of(DeviceClass::Integrated).in_parts();
        assert_eq!(parts(&geometry(6, 64, 8), launch), 6, "images are the smallest parts");
        assert_eq!(parts(&geometry(6, 9, 12), launch), 1, "images of 1,296 numbers cannot start well");
        assert_eq!(parts(&geometry(4, 64, 1), launch), 1, "there is little to do");
    }
}
