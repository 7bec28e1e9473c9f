//! The inputs and results of a step.

use burn::tensor::{Int, Tensor};

/// The settings of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Learning rates of generator, discriminator and classifier.
    pub learning_rates: [f64; 3],
    /// Weight of the classifier's loss on generated images in the generator's loss.
    pub generator_weight: f64,
    /// Weight of the loss on generated images in the classifier's loss.
    pub generated_weight: f64,
    /// Weight of the loss on trusted pseudo-labels in the classifier's loss.
    pub self_weight: f64,
    /// The confidence at which a pseudo-label passes the gate.
    pub tau: f64,
    /// Decay of the generator's moving average, per step.
    pub average_decay: f64,
    /// Decay of the teacher's moving average, per step.
    pub teacher_decay: f64,
    /// Decay of the running mean of the teacher's probabilities, per step.
    pub prior_decay: f64,
}

/// The settings of slgan's presets `tiny` and `small`.
impl Default for Settings {
    fn default() -> Self {
        Self {
            learning_rates: [1e-3, 2e-3, 5e-4],
            generator_weight: 0.2,
            generated_weight: 0.1,
            self_weight: 1.0,
            tau: 0.9,
            average_decay: 0.998,
            teacher_decay: 0.99,
            prior_decay: 0.99,
        }
    }
}

/// The inputs of one step, on a plain device.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The inputs of each discriminator update. The other networks share the last ones.
    pub updates: Vec<Adversarial>,
    /// Labelled images with one-hot labels, if there are any.
    pub labelled: Option<(Tensor<4>, Tensor<2>)>,
    /// Shifts `[batch, 2]` of the labelled and of the real images, if labels are so few that the classifier learns from
    /// shifted images and pseudo-labels.
    pub shifts: Option<[Tensor<2, Int>; 2]>,
}

/// The inputs of one discriminator update.
#[derive(Debug, Clone)]
pub struct Adversarial {
    /// Real images `[batch, channels, size, size]` in -1 to 1.
    pub real: Tensor<4>,
    /// 1 for each label that an image may have, `[batch, labels]`.
    pub allowed: Tensor<2>,
    /// 1 for images with a manual label, `[batch, 1]`.
    pub known: Tensor<2>,
    /// Latent vectors `[batch, dim]`.
    pub latents: Tensor<2>,
    /// One-hot labels of the latents, `[batch, labels]`.
    pub wanted: Tensor<2>,
}

/// The losses of a step, each `[1]`, on a plain device.
#[derive(Debug, Clone)]
pub struct Losses {
    /// The discriminator's loss.
    pub discriminator: Tensor<1>,
    /// The classifier's loss; none if it has nothing to learn from.
    pub classifier: Option<Tensor<1>>,
    /// The generator's loss.
    pub generator: Tensor<1>,
}
