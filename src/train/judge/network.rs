//! The judge's network: images to features, and features to classes.

use burn::module::Module;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData, activation};

use crate::data::Images;
use crate::kernels::batch::assemble;
use crate::nn::architecture::CLASSIFIER_KERNEL;
use crate::nn::{Architecture, Initializer, layers::Linear, trunk::Trunk};

/// Number of features of an image.
pub const FEATURES: usize = 128;

/// A fixed seed, so that runs of all seeds have the same judge.
pub(super) const SEED: u64 = 0;

/// Images per batch.
const BATCH: usize = 256;

/// The judge's network.
#[derive(Module, Debug)]
pub(super) struct Network {
    trunk: Trunk,
    hidden: Linear,
    output: Linear,
}

impl Network {
    /// A network with initial weights.
    pub fn new(architecture: &Architecture, classes: usize, device: &Device) -> Self {
        let init = Initializer::new(SEED, "judge", device).of_class(architecture.class);
        Self {
            trunk: Trunk::new(architecture, CLASSIFIER_KERNEL, false, &init.child("trunk")),
            hidden: Linear::new([architecture.features(CLASSIFIER_KERNEL), FEATURES], &init.child("hidden")),
            output: Linear::new([FEATURES, classes], &init.child("output")),
        }
    }

    /// The logits `[batch, classes]` of images.
    pub fn logits(&self, images: Tensor<4>) -> Tensor<2> {
        self.output.forward(self.features(images))
    }

    /// The features `[count * FEATURES]` of all images, none below 0.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn features_of(&self, images: &Images, device: &Device) -> Result<Vec<f32>, ExecutionError> {
        let mut all = Vec::with_capacity(images.count() * FEATURES);
        for first in (0..images.count()).step_by(BATCH) {
            let indices: Vec<u32> = (first as u32..(first + BATCH).min(images.count()) as u32).collect();
            let batch = assemble(images, &indices, &vec![false; indices.len()], device);
            let data = self.features(batch).into_data_async().await?;
            all.extend_from_slice(data.as_slice::<f32>().expect("features are f32"));
        }
        Ok(all)
    }

    /// The most probable class of each row of features.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn classes_of(&self, features: &[f32], device: &Device) -> Result<Vec<usize>, ExecutionError> {
        let mut all = Vec::with_capacity(features.len() / FEATURES);
        for rows in features.chunks(BATCH * FEATURES) {
            let data = TensorData::new(rows.to_vec(), [rows.len() / FEATURES, FEATURES]);
            let logits = self.output.forward(Tensor::<2>::from_data(data, device));
            let classes = logits.argmax(1).into_data_async().await?;
            all.extend(classes.iter::<i64>().map(|class| class as usize));
        }
        Ok(all)
    }

    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        activation::relu(self.hidden.forward(self.trunk.forward(images)))
    }
}
