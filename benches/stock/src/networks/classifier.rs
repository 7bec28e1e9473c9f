//! The classifier, whose moving average is the teacher: which label does an image have?

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::{Device, Tensor};

use super::layers::Linear;
use super::trunk::Trunk;
use crate::sizes::{CLASSIFIER_KERNEL, Sizes};

/// A classifier over artificial labels.
#[derive(Module, Debug)]
pub struct Classifier {
    trunk: Trunk,
    dropout: Dropout,
    output: Linear,
}

impl Classifier {
    /// A classifier with burn's initial weights.
    pub fn new(sizes: &Sizes, dropout: f64, device: &Device) -> Self {
        Self {
            trunk: Trunk::new(sizes, CLASSIFIER_KERNEL, false, device),
            dropout: DropoutConfig::new(dropout).init(),
            output: Linear::new([sizes.features(CLASSIFIER_KERNEL), sizes.labels], device),
        }
    }

    /// Logits `[batch, labels]` of images.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.output.forward(self.trunk.forward(images))
    }

    /// Logits `[batch, labels]` of images, with dropout of features.
    pub fn forward_with_dropout(&self, images: Tensor<4>) -> Tensor<2> {
        self.output.forward(self.dropout.forward(self.trunk.forward(images)))
    }
}
