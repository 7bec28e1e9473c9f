//! The discriminator: is an image real, and does it fit its label?

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::layers::{Embedding, Linear};
use super::trunk::Trunk;
use crate::sizes::Sizes;

/// A projection discriminator (Miyato & Koyama 2018) with spectral normalisation in every layer.
#[derive(Module, Debug)]
pub struct Discriminator {
    trunk: Trunk,
    output: Linear,
    embedding: Embedding,
}

impl Discriminator {
    /// A discriminator with burn's initial weights.
    pub fn new(sizes: &Sizes, device: &Device) -> Self {
        let kernel = sizes.discriminator_kernel;
        let features = sizes.features(kernel);
        Self {
            trunk: Trunk::new(sizes, kernel, true, device),
            output: Linear::new([features, 1], device).spectral(device),
            embedding: Embedding::new(sizes.labels, features, device),
        }
    }

    /// Scores `[batch, 1]` of images; the gate `[batch, 1]` is 0 for an image without a label.
    pub fn forward(&self, images: Tensor<4>, labels: Tensor<2>, gate: Tensor<2>) -> Tensor<2> {
        let features = self.trunk.forward(images);
        let projection = (features.clone() * self.embedding.forward(labels)).sum_dim(1);
        self.output.forward(features) + gate * projection
    }

    /// One power iteration in every layer; called once per update, before it.
    pub fn iterate(&mut self) {
        self.trunk.iterate();
        self.output.iterate();
        self.embedding.iterate();
    }
}
