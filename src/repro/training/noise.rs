//! Noise of the size of rounding.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, TensorData};

use crate::nn::parameters::{self, Named};
use crate::repro::report::Phase;
use crate::repro::tasks::SEED;
use crate::rng::{Purpose, Stream, stream};
use crate::train::state::State;

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

    /// The gradients of a phase with noise.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn add(&self, gradients: Named, step: u64, phase: Phase) -> Result<Named, ExecutionError> {
        noisy(gradients, &mut self.draws(step, phase as u64)).await
    }

    /// Adds noise to the weights of every network that a step computes with. What they compute is then as far off as
    /// if each layer had rounded that badly.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn add_to_weights(&self, state: &mut State, step: u64) -> Result<(), ExecutionError> {
        let mut draws = self.draws(step, WEIGHTS);
        add_to(&mut state.generator.network, &mut draws).await?;
        add_to(&mut state.discriminator.network, &mut draws).await?;
        add_to(&mut state.classifier.network, &mut draws).await?;
        add_to(&mut state.teacher, &mut draws).await
    }

    /// The random numbers for a phase's gradients or for the weights; no two uses share a stream.
    fn draws(&self, step: u64, what: u64) -> Stream {
        stream(SEED, Purpose::Test, (self.member + 1) << 48 | step << 8 | what)
    }
}

/// The stream of noise for weights: no phase has this number.
const WEIGHTS: u64 = 255;

async fn add_to<M: Module>(network: &mut M, draws: &mut Stream) -> Result<(), ExecutionError> {
    let mut values = noisy(parameters::values(network), draws).await?;
    *network = parameters::with_values(network.clone(), &mut values);
    Ok(())
}

/// Adds to every number a uniform one of up to [`NOISE`] of its tensor's largest number, with either sign.
async fn noisy(tensors: Named, draws: &mut Stream) -> Result<Named, ExecutionError> {
    let mut noisy = Named::new();
    for (name, tensor) in tensors {
        let device = tensor.device();
        let mut values: Vec<f32> = tensor.into_data_async().await?.iter::<f32>().collect();
        perturb(&mut values, draws);
        let count = values.len();
        noisy.insert(name, Tensor::from_data(TensorData::new(values, [count]), &device));
    }
    Ok(noisy)
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
        let [discriminator, generator] = [Phase::Discriminator, Phase::Generator].map(|phase| phase as u64);
        let base = first(0, 1, discriminator);
        assert_eq!(base, first(0, 1, discriminator));
        for other in [(1, 1, discriminator), (0, 2, discriminator), (0, 1, generator), (0, 1, WEIGHTS)] {
            assert_ne!(base, first(other.0, other.1, other.2), "{other:?}");
        }
    }
}
