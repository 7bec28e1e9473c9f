//! The sum of an image and an enlarged one, as at the end of a block that doubles the size.

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

/// `h` `[batch, channels, 2 height, 2 width]` plus `s` `[batch, channels, height, width]` with each pixel a 2x2 square.
///
/// # Panics
/// If `h` is not twice as large as `s`.
pub fn add_enlarged(h: Tensor<4>, s: Tensor<4>) -> Tensor<4> {
    add_enlarged_with(h, s, Launch::default())
}

/// [`add_enlarged`] with a choice of launch.
///
/// # Panics
/// As [`add_enlarged`].
pub fn add_enlarged_with(h: Tensor<4>, s: Tensor<4>, launch: Launch) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as AddEnlargedOps>::add_enlarged(h.into_dispatch(), s.into_dispatch(), launch))
}

/// The sum on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait AddEnlargedOps: Backend {
    /// [`add_enlarged`].
    fn add_enlarged(h: FloatTensor<Self>, s: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait AddEnlargedGradients: Backend {
    /// The gradient of `s`, from the gradient of the sum, which is also the gradient of `h`.
    fn enlarged_gradient(gradient: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct AddEnlargedBackward;

impl<B: AddEnlargedGradients> BackwardPass<B, 2> for AddEnlargedBackward {
    type Kept = Launch;

    fn gradients(launch: Launch, gradient: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let enlarged = wanted[1].then(|| B::enlarged_gradient(gradient.clone(), launch));
        [Some(gradient), enlarged]
    }
}

impl<B: AddEnlargedOps + AddEnlargedGradients, C: CheckpointStrategy> AddEnlargedOps for Autodiff<B, C> {
    fn add_enlarged(h: FloatTensor<Self>, s: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self> {
        let nodes = [h.node(), s.node()];
        let sum = B::add_enlarged(h.into_primitive(), s.into_primitive(), launch);
        record::<AddEnlargedBackward, B, C, 2>(nodes, sum, launch)
    }
}
