//! The judge: a classifier trained on all real labels, only to watch quality.
//!
//! Every figure compares its features, or its classes. The Frechet distance is never called FID: that name belongs to the
//! features of one particular Inception network, and numbers from other features cannot be compared with it.

mod class_features;
mod error;
mod figures;
mod network;
pub mod residual;
mod saved;
#[cfg(test)]
mod tests;
mod training;

use burn::tensor::Device;

pub use class_features::CLASSES_MAX;
pub use error::JudgeError;
pub use figures::{ClassFigures, GeneratedFigures, JudgeFigures};
pub use network::FEATURES;
pub use saved::SavedJudgeError;
pub use training::STEPS;

use super::task::Task;
use super::tensors::{NamedTensors, Precision, StoredTensors};
use crate::data::{Dataset, Images};
use crate::labels::Cells;
use crate::metrics::{GaussianStats, frechet_distance, share};
use crate::nn::Architecture;
use class_features::ClassFeatures;
use network::Network;
use saved::Training;
use training::every_label;

/// A trained judge with what it knows of the held-out images.
#[derive(Debug)]
pub struct Judge {
    network: Network,
    held_out: GaussianStats,
    /// Empty with too many classes.
    held_out_classes: Vec<ClassFeatures>,
    /// Its accuracy on the held-out images.
    pub accuracy: f64,
}

impl Judge {
    /// Trains a judge.
    ///
    /// # Errors
    /// If an image has no label, there are fewer than two held-out images, or the device cannot be read.
    pub async fn train(data: &Dataset, architecture: &Architecture, device: &Device) -> Result<Self, JudgeError> {
        let network = training::trained(data, architecture, STEPS, device)?;
        Self::with_network(network, data, device).await
    }

    /// Loads a judge of a task from the bytes of [`Judge::save`].
    ///
    /// # Errors
    /// If the bytes are damaged, or not the judge of this task, a held-out image has no label, or the device cannot be
    /// read.
    pub async fn load(bytes: &[u8], task: &Task, device: &Device) -> Result<Self, JudgeError> {
        saved::check(bytes, &training_of(task))?;
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
        let entry = saved::entry(training_of(task));
        Ok(tensors.write_sealed(Precision::Single, entry).await?)
    }

    /// Measures generated images by the artificial label of each. Only labels that belong to classes, as `cells` says,
    /// have more than the whole distance.
    ///
    /// # Errors
    /// If the device cannot be read.
    ///
    /// # Panics
    /// If a label is not in `cells`, or `cells` has more classes than the judge.
    pub async fn figures(
        &self,
        images: &Images,
        labels: &[usize],
        cells: Option<Cells>,
        device: &Device,
    ) -> Result<JudgeFigures, JudgeError> {
        let features = self.network.features_of(images, device).await?;
        // Undefined for fewer than two images, or extreme ones. The judge only watches, so that is no error.
        let gaussian = GaussianStats::from_features(&features, FEATURES);
        let frechet = gaussian.and_then(|generated| frechet_distance(&self.held_out, &generated)).ok();
        let Some(cells) = cells else { return Ok(JudgeFigures { frechet, ..JudgeFigures::default() }) };
        let found = self.network.classes_of(&features, device).await?;
        let (agreement, rows) = figures::agreement(&found, labels, cells);
        let classes = self.compare_by_class(&features, labels.iter().map(|&label| cells.class_of(label)));
        Ok(JudgeFigures { frechet, agreement, generated: Some(GeneratedFigures { rows, classes }) })
    }

    fn compare_by_class(&self, features: &[f32], classes: impl Iterator<Item = usize>) -> Vec<ClassFigures> {
        if self.held_out_classes.is_empty() {
            return Vec::new();
        }
        let generated = ClassFeatures::by_class(features, classes, self.held_out_classes.len());
        self.held_out_classes.iter().zip(&generated).map(|(real, generated)| real.compare(generated)).collect()
    }

    async fn with_network(network: Network, data: &Dataset, device: &Device) -> Result<Self, JudgeError> {
        let truth = every_label(&data.test.labels)?;
        let features = network.features_of(&data.test.images, device).await?;
        let held_out = GaussianStats::from_features(&features, FEATURES)?;
        let found = network.classes_of(&features, device).await?;
        let right: Vec<bool> = found.iter().zip(&truth).map(|(found, truth)| found == truth).collect();
        let held_out_classes = ClassFeatures::by_class(&features, truth, data.class_names.len());
        let accuracy = share(&right).unwrap_or(0.0);
        Ok(Self { network, held_out, held_out_classes, accuracy })
    }
}

/// What the judge of a task is trained for, and how.
fn training_of(task: &Task) -> Training {
    let architecture = task.architecture();
    Training {
        fingerprint: task.subject.fingerprint.clone(),
        trunk: format!("{:?} {:?}", architecture.trunk, architecture.trunk_widths),
        steps: STEPS,
        batch: training::BATCH,
        learning_rate: training::LEARNING_RATE,
    }
}
