//! The classifier, whose moving average is the teacher: which label does an image have?

use burn::module::Module;
use burn::tensor::Tensor;

use super::architecture::{Architecture, CLASSIFIER_KERNEL};
use super::initializer::Initializer;
use super::layers::Linear;
use super::trunk::Trunk;
use crate::onnx::{Scope, Value};

/// A classifier over artificial labels.
#[derive(Module, Debug)]
pub struct Classifier {
    trunk: Trunk,
    output: Linear,
}

impl Classifier {
    /// A classifier with initial weights.
    pub fn new(architecture: &Architecture, init: &Initializer) -> Self {
        Self {
            trunk: Trunk::new(architecture, CLASSIFIER_KERNEL, false, &init.child("trunk")),
            output: Linear::new(
                [architecture.features(CLASSIFIER_KERNEL), architecture.label_count],
                &init.child("output"),
            ),
        }
    }

    /// Features `[batch, features]` of images `[batch, channels, size, size]`, before dropout.
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        self.trunk.forward(images)
    }

    /// Logits `[batch, labels]` of features.
    pub fn logits_of(&self, features: Tensor<2>) -> Tensor<2> {
        self.output.forward(features)
    }

    /// Logits `[batch, labels]` of images.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.logits_of(self.features(images))
    }

    /// [`Self::forward`] for ONNX.
    pub fn describe(&self, images: &Value, scope: &mut Scope) -> Value {
        let features = self.trunk.describe(images, &mut scope.child("trunk"));
        self.output.describe(&features, &mut scope.child("output"))
    }
}
