//! Dropout (Srivastava et al. 2014), as factors of features: 0, or the inverse of the share that is kept.
//!
//! There are as many factors as features of a batch, most of the numbers that a step needs. So a GPU draws them itself,
//! with the generator of [`rng`](crate::rng) and the same bits. The CPU backend draws them on the host.

#[cfg(feature = "checks")]
pub(super) mod check;
pub(super) mod gpu;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};

use super::host::is_cpu;
use super::launch::Launch;
use super::parcel::{Arrived, IntegerSlot, Parcel, Slot};
use crate::rng::Stream;

/// Most parts that share a tensor.
pub const MOST_PARTS: usize = 3;

/// Equally likely values of a uniform number.
const VALUES: f32 = 16_777_216.0;

/// Rows of factors that one stream decides, from its first word on.
#[derive(Debug, Clone)]
pub struct Part {
    /// How many rows.
    pub rows: usize,
    /// What decides them.
    pub stream: Stream,
}

/// What a feature's factor can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share of features that are dropped, at least 0 and below 1.
    pub dropped: f32,
}

impl Share {
    /// The factor of a feature that is kept.
    fn kept(self) -> f32 {
        1.0 / (1.0 - self.dropped)
    }

    /// Draws below this are dropped, out of 2^24.
    fn bound(self) -> u32 {
        // The product is exact. A draw is below a number if it is below the next whole one.
        libm::ceilf(self.dropped * VALUES) as u32
    }

    /// The next `count` factors of a stream.
    pub fn draw(self, stream: &mut Stream, count: usize) -> Vec<f32> {
        let kept = self.kept();
        (0..count).map(|_| if stream.uniform() < self.dropped { 0.0 } else { kept }).collect()
    }
}

/// Factors in a parcel.
#[derive(Debug)]
pub struct PackedFactors {
    counts: [usize; MOST_PARTS],
    share: Share,
    features: usize,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// The factors.
    Drawn(Slot<2>),
    /// The words of their streams, for a GPU to draw them.
    Streams(IntegerSlot),
}

impl PackedFactors {
    /// Packs what the factors of `parts`, each with so many `features`, need on a plain device.
    ///
    /// # Panics
    /// If there are no parts or more than [`MOST_PARTS`], or no features.
    pub fn new(parts: Vec<Part>, features: usize, share: Share, parcel: &mut Parcel, device: &Device) -> Self {
        assert!((1..=MOST_PARTS).contains(&parts.len()) && features > 0, "dropout: one to three parts with features");
        let mut counts = [0; MOST_PARTS];
        counts.iter_mut().zip(&parts).for_each(|(count, part)| *count = part.rows * features);
        let form = if is_cpu(device) {
            let rows = parts.iter().map(|part| part.rows).sum();
            let draw = |mut part: Part| share.draw(&mut part.stream, part.rows * features);
            Form::Drawn(parcel.add(parts.into_iter().flat_map(draw).collect(), [rows, features]))
        } else {
            let words = parts.iter().flat_map(|part| part.stream.words()).map(u32::cast_signed);
            Form::Streams(parcel.add_integers(words.collect()))
        };
        Self { counts, share, features, form }
    }

    /// The factors `[rows, features]` of a parcel that has arrived, in the order of the parts.
    pub fn unpack(self, arrived: &mut Arrived) -> Tensor<2> {
        self.unpack_with(arrived, Launch::default())
    }

    /// [`Self::unpack`] with a choice of launch.
    pub fn unpack_with(self, arrived: &mut Arrived, launch: Launch) -> Tensor<2> {
        match self.form {
            Form::Drawn(slot) => arrived.take(slot),
            Form::Streams(slot) => {
                let streams = arrived.take_integers(slot).into_dispatch();
                let factors = <Dispatch as DropoutOps>::factors(streams, self.counts, self.share, launch);
                let rows = self.counts.iter().sum::<usize>() / self.features;
                Tensor::<1>::from_dispatch(factors).reshape([rows, self.features])
            }
        }
    }
}

/// Drawing on a GPU.
#[backend_extension(Cube)]
pub trait DropoutOps: Backend {
    /// So many factors of each stream, flat.
    fn factors(
        streams: IntTensor<Self>,
        counts: [usize; MOST_PARTS],
        share: Share,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    /// For all shares that a user can write with six digits, and their neighbours.
    #[test]
    fn the_bound_decides_as_the_share_does() {
        for millionths in 0..1_000_000 {
            let share = millionths as f32 / 1e6;
            for dropped in [share, share.next_up(), share.next_down().max(0.0)] {
                let bound = Share { dropped }.bound();
                let is_below = |draw: u32| (draw as f32 * (1.0 / VALUES)) < dropped;
                assert!(!is_below(bound), "{dropped}");
                assert!(bound == 0 || is_below(bound - 1), "{dropped}");
            }
        }
    }

    #[test]
    fn factors_have_a_mean_of_one() {
        for dropped in [0.0, 0.1, 0.5, 0.9] {
            let factors = Share { dropped }.draw(&mut stream(0, Purpose::Test, 1), 100_000);
            let mean = factors.iter().sum::<f32>() / 100_000.0;
            assert!((mean - 1.0).abs() < 0.02, "{dropped}: {mean}");
        }
    }
}
