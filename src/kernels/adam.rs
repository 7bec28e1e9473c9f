//! Adam.

use burn::tensor::Tensor;

/// What Adam needs beside a gradient (Kingma & Ba 2015, algorithm 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamSettings {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the first moment, a step.
    pub beta_1: f64,
    /// Decay of the second moment, a step.
    pub beta_2: f64,
    /// Updates done, this one included; it sets the bias correction.
    pub update: u64,
}

/// Added to the root of the second moment.
const EPSILON: f64 = 1e-8;

/// One update of a flat parameter and its two moments, all `[count]`.
pub fn adam(
    value: Tensor<1>,
    gradient: Tensor<1>,
    moments: [Tensor<1>; 2],
    settings: &AdamSettings,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let AdamSettings { learning_rate, beta_1, beta_2, update } = *settings;
    let [first, second] = moments;
    let square = gradient.clone() * gradient.clone();
    let first = if beta_1 == 0.0 { gradient } else { first * beta_1 + gradient * (1.0 - beta_1) };
    let second = second * beta_2 + square * (1.0 - beta_2);
    let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
    let rate = learning_rate / correction(beta_1);
    let root = second.clone().sqrt() * (1.0 / libm::sqrt(correction(beta_2)));
    let value = value - first.clone() * rate / (root + EPSILON);
    (value, [first, second])
}
