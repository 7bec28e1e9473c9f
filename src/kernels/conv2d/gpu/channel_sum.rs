//! Sums of channels: on a GPU in shares, elsewhere by one workgroup for each channel.

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::shares::Shares;

/// The sum of each channel, `[channels]`.
pub fn channel_sum(x: &CubeTensor, launch: Launch) -> CubeTensor {
    let [batch, channels, height, width] = x.shape().dims();
    match Shares::of(batch * height * width, launch.class()) {
        Some(shares) => in_shares(x, [batch, channels, height * width], shares, launch),
        None => whole(x, [batch, channels, height * width], launch),
    }
}

fn whole(x: &CubeTensor, sizes: [usize; 3], launch: Launch) -> CubeTensor {
    let sums = launch.output(x, [sizes[1]]);
    let [columns, rows] = launch.spread(sizes[1]);
    whole_shader(sizes).launch([columns, rows, 1], &[x, &sums], &[]);
    sums
}

/// Sums of shares are images of one pixel, until there is one image.
fn in_shares(x: &CubeTensor, sizes: [usize; 3], shares: Shares, launch: Launch) -> CubeTensor {
    let channels = sizes[1];
    let sums = launch.output(x, [shares.count * channels]);
    let [columns, rows] = launch.spread(shares.count * channels);
    share_shader(sizes, shares).launch([columns, rows, 1], &[x, &sums], &[]);
    match Shares::of(shares.count, launch.class()).filter(|_| shares.count > 1) {
        Some(next) => in_shares(&sums, [shares.count, channels, 1], next, launch),
        None => sums,
    }
}

fn whole_shader([batch, channels, plane]: [usize; 3]) -> Shader {
    shader!("conv2d_channel_sum").with(&[("BATCH", batch), ("CHANNELS", channels), ("PLANE", plane)])
}

fn share_shader(sizes: [usize; 3], shares: Shares) -> Shader {
    shares.sized(shader!("conv2d_share_channel_sum"), sizes)
}

/// The kernels of every class for `[batch, channels, height, width]`.
pub fn shaders([batch, channels, height, width]: [usize; 4]) -> Vec<Shader> {
    let mut sizes = [batch, channels, height * width];
    let mut shaders = vec![whole_shader(sizes)];
    while let Some(shares) = Shares::of(sizes[0] * sizes[2], DeviceClass::Discrete) {
        shaders.push(share_shader(sizes, shares));
        if shares.count == 1 {
            break;
        }
        sizes = [shares.count, channels, 1];
    }
    shaders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::shares::has_their_invocations;

    #[test]
    fn the_kernel_has_the_invocations_of_a_share() {
        assert!(has_their_invocations(&shader!("conv2d_share_channel_sum")));
    }

    #[test]
    fn sums_of_shares_are_added_up_until_one_is_left() {
        let slices = |dims| {
            let listed = shaders(dims);
            listed[1..].iter().map(|shader| shader.constants()[3]).collect::<Vec<_>>()
        };
        assert_eq!(slices([64, 16, 8, 8]), [("SLICES", 1)]);
        assert_eq!(slices([64, 16, 32, 32]), [("SLICES", 16), ("SLICES", 1)]);
    }
}
