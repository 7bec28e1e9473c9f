//! The hyperbolic tangent.

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

/// The hyperbolic tangent of every element.
pub fn tanh(x: Tensor<4>) -> Tensor<4> {
    tanh_with(x, Launch::default())
}

/// [`tanh`] with a choice of launch.
pub fn tanh_with(x: Tensor<4>, launch: Launch) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as TanhOps>::tanh(x.into_dispatch(), launch))
}

/// The hyperbolic tangent on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait TanhOps: Backend {
    /// [`tanh`].
    fn tanh(x: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait TanhGradients: Backend {
    /// The gradient of the input, from the output and the gradient of the output.
    fn tanh_gradient(y: FloatTensor<Self>, gradient: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct TanhBackward;

impl<B: TanhGradients> BackwardPass<B, 1> for TanhBackward {
    /// The output.
    type Kept = (FloatTensor<B>, Launch);

    fn gradients((y, launch): Self::Kept, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::tanh_gradient(y, gradient, launch))]
    }
}

impl<B: TanhOps + TanhGradients, C: CheckpointStrategy> TanhOps for Autodiff<B, C> {
    fn tanh(x: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self> {
        let node = x.node();
        let y = <B as TanhOps>::tanh(x.into_primitive(), launch);
        record::<TanhBackward, B, C, 1>([node], y.clone(), (y, launch))
    }
}
