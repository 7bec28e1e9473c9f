//! Training the judge on all real labels.

use burn::module::Module;
use burn::tensor::Device;

use super::error::JudgeError;
use super::network::{Network, SEED};
use crate::data::Dataset;
use crate::kernels::batch::assemble;
use crate::kernels::launch::Launch;
use crate::kernels::losses::cross_entropy;
use crate::labels::one_hot;
use crate::nn::{Architecture, parameters};
use crate::rng::Purpose;
use crate::train::batch_sampler::BatchSampler;
use crate::train::optimizer::Optimizer;

/// Steps of training.
pub const STEPS: u64 = 2_000;

pub(super) const BATCH: usize = 64;
pub(super) const LEARNING_RATE: f64 = 1e-3;
const BETAS: [f64; 2] = [0.9, 0.999];

/// A network after `steps` steps.
///
/// # Errors
/// If a training image has no label.
pub(super) fn trained(
    data: &Dataset,
    architecture: &Architecture,
    steps: u64,
    device: &Device,
) -> Result<Network, JudgeError> {
    let classes = data.class_names.len();
    let labels = every_label(&data.train.labels)?;
    let sampler = BatchSampler::new((0..labels.len() as u32).collect(), SEED, Purpose::Judge);
    let mut network = Network::new(architecture, classes, device);
    let mut optimizer = Optimizer::new(BETAS, Launch::default());
    for step in 0..steps {
        let indices = sampler.batch(step, BATCH);
        let targets: Vec<usize> = indices.iter().map(|&index| labels[index as usize]).collect();
        let images = assemble(&data.train.images, &indices, &[false; BATCH], device).autodiff();
        let tracked = network.clone().train();
        let loss = cross_entropy(tracked.logits(images), one_hot(&targets, classes, device).autodiff());
        let gradients = parameters::gradients(&tracked, &mut loss.backward());
        let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        (network, _) = optimizer.apply(network, gradients, rate.into(), None, None);
    }
    Ok(network)
}

/// The label of each image.
///
/// # Errors
/// If an image has none.
pub(super) fn every_label(labels: &[Option<u16>]) -> Result<Vec<usize>, JudgeError> {
    labels.iter().map(|label| label.map(usize::from).ok_or(JudgeError::Unlabelled)).collect()
}
