//! Leaky ReLU.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;
pub use crate::kernels::numbers::SLOPE;

/// `x` if it is positive, [`SLOPE`] times `x` otherwise.
pub fn leaky_relu(x: Tensor<4>) -> Tensor<4> {
    leaky_relu_with(x, Launch::default())
}

/// [`leaky_relu`] with a choice of launch.
pub fn leaky_relu_with(x: Tensor<4>, launch: Launch) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LeakyReluOps>::leaky_relu(x.into_dispatch(), launch))
}

/// The `values` of a leaky ReLU, unchanged. Their gradient becomes that of its input: it is multiplied by the slopes,
/// which the signs of the values tell.
pub fn behind_leaky_relu(values: Tensor<4>) -> Tensor<4> {
    let values = <Dispatch as LeakyReluOps>::behind_leaky_relu(values.into_dispatch(), Launch::default());
    Tensor::from_dispatch(values)
}

/// Leaky ReLU on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait LeakyReluOps: Backend {
    /// [`leaky_relu`].
    fn leaky_relu(x: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;

    /// [`behind_leaky_relu`].
    fn behind_leaky_relu(values: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait LeakyReluGradients: Backend {
    /// The gradient of the input, from the input, or the output, which has its signs, and the gradient of the output.
    fn leaky_relu_gradient(x: FloatTensor<Self>, gradient: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct LeakyReluBackward;

impl<B: LeakyReluGradients> BackwardPass<B, 1> for LeakyReluBackward {
    /// The input, or the output.
    type Kept = (FloatTensor<B>, Launch);

    fn gradients((x, launch): Self::Kept, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::leaky_relu_gradient(x, gradient, launch))]
    }
}

impl<B: LeakyReluOps + LeakyReluGradients, C: CheckpointStrategy> LeakyReluOps for Autodiff<B, C> {
    fn leaky_relu(x: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self> {
        let (node, x) = (x.node(), x.into_primitive());
        let y = <B as LeakyReluOps>::leaky_relu(x.clone(), launch);
        record::<LeakyReluBackward, B, C, 1>([node], y, (x, launch))
    }

    fn behind_leaky_relu(values: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self> {
        let (node, values) = (values.node(), values.into_primitive());
        record::<LeakyReluBackward, B, C, 1>([node], values.clone(), (values, launch))
    }
}
