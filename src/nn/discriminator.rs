//! The discriminator: is an image real, and does it fit its label?

use burn::module::Module;
use burn::tensor::Tensor;

use super::architecture::Architecture;
use super::initializer::Initializer;
use super::layers::{Embedding, Linear};
use super::trunk::Trunk;

/// A projection discriminator (Miyato & Koyama 2018) with spectral normalisation in every layer.
#[derive(Module, Debug)]
pub struct Discriminator {
    trunk: Trunk,
    output: Linear,
    embedding: Embedding,
}

impl Discriminator {
    /// A discriminator with initial weights.
    pub fn new(architecture: &Architecture, init: &Initializer) -> Self {
        let kernel = architecture.discriminator_kernel;
        let features = architecture.features(kernel);
        Self {
            trunk: Trunk::new(architecture, kernel, true, &init.child("trunk")),
            output: Linear::new([features, 1], &init.child("output")).spectral(&init.child("output")),
            embedding: Embedding::spectral(architecture.label_count, features, &init.child("embedding")),
        }
    }

    /// Scores `[batch, 1]` of images `[batch, channels, size, size]`: `psi(phi(x)) + m <e_y, phi(x)>`. The gate
    /// `m` `[batch, 1]` is 0 for an image without a label; `labels` `[batch, labels]` are label weights that sum to 1.
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
