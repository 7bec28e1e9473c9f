//! Exponential moving averages.

use burn::tensor::Tensor;

/// `decay * average + (1 - decay) * value`, of tensors of any one shape.
pub fn average<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64) -> Tensor<D> {
    average * decay + value * (1.0 - decay)
}
