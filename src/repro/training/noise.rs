//! Noise of the size of rounding.

use burn::tensor::{ExecutionError, Tensor, TensorData};

use crate::nn::parameters::Named;
use crate::repro::report::Phase;
use crate::repro::tasks::SEED;
use crate::rng::{Purpose, Stream, stream};

/// The size of a perturbation, as a fraction of a tensor's largest number: the largest budget of an operation in a
/// step. A kernel that is further off fails its check.
pub const NOISE: f64 = 1e-5;

/// The perturbations of one run.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    member: u64,
}

impl Noise {
    /// The noise of a member of the ensemble, by number.
    pub fn of(member: usize) -> Self {
        Self { member: member as u64 }
    }

    /// Adds to every number a uniform one of up to [`NOISE`] of its tensor's largest number, with either sign.
    ///
    /// # Errors
    /// If the gradients cannot be read.
    pub async fn add(&self, gradients: Named, step: u64, phase: Phase) -> Result<Named, ExecutionError> {
        let mut draws = self.draws(step, phase);
        let mut noisy = Named::new();
        for (name, gradient) in gradients {
            let device = gradient.device();
            let mut values: Vec<f32> = gradient.into_data_async().await?.iter::<f32>().collect();
            perturb(&mut values, &mut draws);
            let count = values.len();
            noisy.insert(name, Tensor::from_data(TensorData::new(values, [count]), &device));
        }
        Ok(noisy)
    }

    /// The random numbers of a phase; no two phases share a stream.
    fn draws(&self, step: u64, phase: Phase) -> Stream {
        stream(SEED, Purpose::Test, (self.member + 1) << 48 | step << 8 | phase as u64)
    }
}

fn perturb(values: &mut [f32], draws: &mut Stream) {
    let size = values.iter().fold(0.0, |largest: f32, value| largest.max(value.abs())) * NOISE as f32;
    values.iter_mut().for_each(|value| *value += draws.between(-size, size));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_as_large_as_it_should_be() {
        let old: Vec<f32> = (0..1_000).map(|at| (at as f32 - 700.0) / 100.0).collect();
        let mut values = old.clone();
        perturb(&mut values, &mut stream(1, Purpose::Test, 0));
        let largest = old.iter().zip(&values).map(|(old, new)| f64::from((old - new).abs())).fold(0.0, f64::max);
        let bound = 7.0 * NOISE;
        assert!(largest > 0.8 * bound && largest < 1.1 * bound, "{largest}");
        let mut zeros = [0.0; 4];
        perturb(&mut zeros, &mut stream(1, Purpose::Test, 0));
        assert_eq!(zeros, [0.0; 4]);
    }

    #[test]
    fn phases_steps_and_members_have_their_own_noise() {
        let first = |member, step, phase| Noise::of(member).draws(step, phase).bits();
        let base = first(0, 1, Phase::Discriminator);
        assert_eq!(base, first(0, 1, Phase::Discriminator));
        for other in [(1, 1, Phase::Discriminator), (0, 2, Phase::Discriminator), (0, 1, Phase::Generator)] {
            assert_ne!(base, first(other.0, other.1, other.2), "{other:?}");
        }
    }
}
