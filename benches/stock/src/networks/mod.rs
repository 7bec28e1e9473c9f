//! The three networks, made of `burn::nn` modules.
//!
//! Fields have the same names as in slgan, so that weights can be loaded by name.

mod classifier;
mod discriminator;
mod generator;
mod layers;
mod trunk;

pub use classifier::Classifier;
pub use discriminator::Discriminator;
pub use generator::Generator;

use burn::tensor::Device;

use crate::sizes::Sizes;
use crate::weights::{Weights, with_weights};

/// The three networks, on a plain device.
#[derive(Debug, Clone)]
pub struct Networks {
    /// Latent vectors to images.
    pub generator: Generator,
    /// Images with labels to scores.
    pub discriminator: Discriminator,
    /// Images to logits.
    pub classifier: Classifier,
}

impl Networks {
    /// Networks with burn's initial weights. The classifier drops features with probability `dropout`.
    pub fn new(sizes: &Sizes, dropout: f64, device: &Device) -> Self {
        Self {
            generator: Generator::new(sizes, device),
            discriminator: Discriminator::new(sizes, device),
            classifier: Classifier::new(sizes, dropout, device),
        }
    }

    /// The networks with slgan's weights, by name: generator, discriminator, classifier.
    ///
    /// # Panics
    /// If a name is missing or left over, or a shape does not fit.
    pub fn with_weights(self, [generator, discriminator, classifier]: [Weights; 3]) -> Self {
        Self {
            generator: with_weights(self.generator, generator),
            discriminator: with_weights(self.discriminator, discriminator),
            classifier: with_weights(self.classifier, classifier),
        }
    }
}
