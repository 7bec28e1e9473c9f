//! Convolutions with leaky ReLUs between them, which cost no launches of their own.

use burn::tensor::Tensor;

use super::{ConvShape, Leaks, conv2d_leaking};
use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::behind_leaky_relu;

/// What a convolution reads and what it hands on to the next one: plain numbers, or values behind a leaky ReLU.
///
/// Gradients flow through such values as those before the leaky ReLU: whoever takes the values multiplies by the slopes,
/// which the signs of the values tell. So the kernel that computes a sum also applies the function to it, and the kernel
/// that computes the gradient of the values also applies the slopes. Only [`Self::values`] gives the tensor away.
#[derive(Debug, Clone)]
pub struct Activations {
    tensor: Tensor<4>,
    are_leaky: bool,
}

impl From<Tensor<4>> for Activations {
    /// Plain numbers.
    fn from(tensor: Tensor<4>) -> Self {
        Self { tensor, are_leaky: false }
    }
}

impl Activations {
    /// The values, `[batch, channels, height, width]`, with gradients of their own.
    pub fn values(self) -> Tensor<4> {
        if self.are_leaky { behind_leaky_relu(self.tensor) } else { self.tensor }
    }
}

/// The leaky ReLU of a [`conv2d`](super::conv2d()) without enlargement.
///
/// # Panics
/// As [`conv2d`](super::conv2d()).
pub fn conv2d_leaky_relu(
    x: Activations,
    weight: Tensor<4>,
    bias: Tensor<1>,
    shape: ConvShape,
    launch: Launch,
) -> Activations {
    let leaks = Leaks { before: x.are_leaky, after: true };
    Activations { tensor: conv2d_leaking(x.tensor, weight, bias, shape, leaks, launch), are_leaky: true }
}
