//! The judge: a classifier trained on all real labels, only to watch quality.
//!
//! The Frechet distance compares its features. The figure is never called FID: that name belongs to the features of one
//! particular Inception network, and numbers from other features cannot be compared with it.

use burn::module::Module;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData, activation};

use super::batch_sampler::BatchSampler;
pub use super::judge_file::SavedJudgeError;
use super::judge_file::{self, Training};
use super::optimizer::Optimizer;
use super::task::Task;
use super::tensors::{NamedTensors, Precision, StoredTensors, TensorsError};
use crate::data::{Dataset, Images};
use crate::kernels::batch::assemble;
use crate::kernels::losses::cross_entropy;
use crate::labels::one_hot;
use crate::metrics::{FrechetError, GaussianStats, frechet_distance};
use crate::nn::{Architecture, Initializer, layers::Linear, parameters, trunk::Trunk};
use crate::rng::Purpose;

/// Number of features for the distance.
pub const FEATURES: usize = 128;

/// Steps of training.
pub const STEPS: u64 = 2_000;

const BATCH: usize = 64;
const LEARNING_RATE: f64 = 1e-3;
const BETAS: [f64; 2] = [0.9, 0.999];

/// A fixed seed, so that runs of all seeds have the same judge.
const SEED: u64 = 0;

/// Why a judge cannot work.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// An image has no label.
    #[error("the judge needs a label for every training image and every held-out image")]
    Unlabelled,
    /// The saved judge cannot be used.
    #[error("the saved judge cannot be used: {0}")]
    Saved(SavedJudgeError),
    /// The distance is not defined.
    #[error(transparent)]
    Frechet(#[from] FrechetError),
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(#[from] ExecutionError),
}

impl From<TensorsError> for JudgeError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::Device(error) => Self::Device(error),
            error => Self::Saved(SavedJudgeError::Tensors(error)),
        }
    }
}

impl From<SavedJudgeError> for JudgeError {
    fn from(error: SavedJudgeError) -> Self {
        Self::Saved(error)
    }
}

/// The judge's network.
#[derive(Module, Debug)]
struct Network {
    trunk: Trunk,
    hidden: Linear,
    output: Linear,
}

impl Network {
    fn new(architecture: &Architecture, classes: usize, device: &Device) -> Self {
        let init = Initializer::new(SEED, "judge", device);
        Self {
            trunk: Trunk::new(architecture, false, &init.child("trunk")),
            hidden: Linear::new([architecture.features(), FEATURES], &init.child("hidden")),
            output: Linear::new([FEATURES, classes], &init.child("output")),
        }
    }

    /// `[batch, FEATURES]`, none below 0.
    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        activation::relu(self.hidden.forward(self.trunk.forward(images)))
    }
}

/// A trained judge with the statistics of the held-out images.
#[derive(Debug)]
pub struct Judge {
    network: Network,
    held_out: GaussianStats,
    /// Its accuracy on the held-out images.
    pub accuracy: f64,
}

impl Judge {
    /// Trains a judge.
    ///
    /// # Errors
    /// If an image has no label, or the device cannot be read.
    pub async fn train(data: &Dataset, architecture: &Architecture, device: &Device) -> Result<Self, JudgeError> {
        let classes = data.class_names.len();
        let labels: Vec<u16> = every_label(&data.train.labels)?;
        let sampler = BatchSampler::new((0..labels.len() as u32).collect(), SEED, Purpose::Judge);
        let mut network = Network::new(architecture, classes, device);
        let mut optimizer = Optimizer::new(BETAS);
        for step in 0..STEPS {
            let indices = sampler.batch(step, BATCH);
            let targets: Vec<usize> = indices.iter().map(|&index| usize::from(labels[index as usize])).collect();
            let images = assemble(&data.train.images, &indices, &[false; BATCH], device).autodiff();
            let tracked = network.clone().train();
            let loss = cross_entropy(
                tracked.output.forward(tracked.features(images)),
                one_hot(&targets, classes, device).autodiff(),
            );
            let gradients = parameters::gradients(&tracked, &mut loss.backward());
            let rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
            (network, _) = optimizer.apply(network, gradients, rate.into(), None);
        }
        Self::with_network(network, data, device).await
    }

    /// Loads a judge of a task from the bytes of [`Judge::save`].
    ///
    /// # Errors
    /// If the bytes are damaged, or not the judge of this task, a held-out image has no label, or the device cannot be
    /// read.
    pub async fn load(bytes: &[u8], task: &Task, device: &Device) -> Result<Self, JudgeError> {
        judge_file::check(bytes, &training(task))?;
        let network = Network::new(&task.architecture(), task.data.class_names.len(), device);
        let mut stored = StoredTensors::open(bytes, Precision::Single, device)?;
        let network = stored.take_module("", network)?;
        stored.finish()?;
        Self::with_network(network, &task.data, device).await
    }

    /// Writes the judge of a task as a safetensors file, with a checksum and with what it was trained for.
    ///
    /// # Errors
    /// If the device cannot be read, or a weight is not finite.
    pub async fn save(&self, task: &Task) -> Result<Vec<u8>, JudgeError> {
        let mut tensors = NamedTensors::default();
        tensors.add_module("", &self.network);
        let entry = judge_file::entry(training(task));
        Ok(tensors.write_sealed(Precision::Single, entry).await?)
    }

    /// The Frechet distance between the held-out images and `images`, in the judge's features.
    ///
    /// # Errors
    /// If there are fewer than two images, or the device cannot be read.
    pub async fn distance(&self, images: &Images, device: &Device) -> Result<f64, JudgeError> {
        let features = features(&self.network, images, device).await?;
        Ok(frechet_distance(&self.held_out, &GaussianStats::from_features(&features, FEATURES)?)?)
    }

    async fn with_network(network: Network, data: &Dataset, device: &Device) -> Result<Self, JudgeError> {
        let truth = every_label(&data.test.labels)?;
        let features = features(&network, &data.test.images, device).await?;
        let held_out = GaussianStats::from_features(&features, FEATURES)?;
        let count = truth.len();
        let features = Tensor::<2>::from_data(TensorData::new(features, [count, FEATURES]), device);
        let predicted = network.output.forward(features).argmax(1).into_data_async().await?;
        let right = predicted.iter::<i64>().zip(&truth).filter(|(found, truth)| *found == i64::from(**truth)).count();
        Ok(Self { network, held_out, accuracy: right as f64 / count as f64 })
    }
}

/// What the judge of a task is trained for, and how.
fn training(task: &Task) -> Training {
    let architecture = task.architecture();
    Training {
        fingerprint: task.subject.fingerprint.clone(),
        trunk: format!("{:?} {:?}", architecture.trunk, architecture.trunk_widths),
        steps: STEPS,
        batch: BATCH,
        learning_rate: LEARNING_RATE,
    }
}

/// Features `[count * FEATURES]` of all images.
async fn features(network: &Network, images: &Images, device: &Device) -> Result<Vec<f32>, JudgeError> {
    let mut all = Vec::with_capacity(images.count() * FEATURES);
    for first in (0..images.count()).step_by(4 * BATCH) {
        let indices: Vec<u32> = (first as u32..(first + 4 * BATCH).min(images.count()) as u32).collect();
        let batch = assemble(images, &indices, &vec![false; indices.len()], device);
        let data = network.features(batch).into_data_async().await?;
        all.extend_from_slice(data.as_slice::<f32>().expect("features are f32"));
    }
    Ok(all)
}

fn every_label(labels: &[Option<u16>]) -> Result<Vec<u16>, JudgeError> {
    labels.iter().copied().collect::<Option<Vec<u16>>>().ok_or(JudgeError::Unlabelled)
}
