//! The sum of an image and an enlarged one, as at the end of a block that doubles the size.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod strict;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

/// How an image is enlarged to twice its height and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enlargement {
    /// Each pixel becomes a 2x2 square.
    Nearest,
    /// Bilinear interpolation between the middles of those squares, with border pixels repeated outside the image, like
    /// PyTorch's `interpolate` with `align_corners=False`. Along each axis, a new pixel is 3/4 of the pixel whose square
    /// it lies in, plus 1/4 of the next one on its side.
    Bilinear,
}

/// `h` `[batch, channels, 2 height, 2 width]` plus an enlarged `s` `[batch, channels, height, width]`.
///
/// # Panics
/// If `h` is not twice as large as `s`.
pub fn add_enlarged(h: Tensor<4>, s: Tensor<4>, enlargement: Enlargement) -> Tensor<4> {
    add_enlarged_with(h, s, enlargement, Launch::default())
}

/// [`add_enlarged`] with a choice of launch.
///
/// # Panics
/// As [`add_enlarged`].
pub fn add_enlarged_with(h: Tensor<4>, s: Tensor<4>, enlargement: Enlargement, launch: Launch) -> Tensor<4> {
    let [h, s] = [h, s].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as AddEnlargedOps>::add_enlarged(h, s, enlargement, launch))
}

/// The sum on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait AddEnlargedOps: Backend {
    /// [`add_enlarged`].
    fn add_enlarged(
        h: FloatTensor<Self>,
        s: FloatTensor<Self>,
        enlargement: Enlargement,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait AddEnlargedGradients: Backend {
    /// The gradient of `s`, from the gradient of the sum, which is also the gradient of `h`.
    fn enlarged_gradient(gradient: FloatTensor<Self>, enlargement: Enlargement, launch: Launch) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct AddEnlargedBackward;

impl<B: AddEnlargedGradients> BackwardPass<B, 2> for AddEnlargedBackward {
    type Kept = (Enlargement, Launch);

    fn gradients(
        (enlargement, launch): Self::Kept,
        gradient: FloatTensor<B>,
        wanted: [bool; 2],
    ) -> [Option<FloatTensor<B>>; 2] {
        let enlarged = wanted[1].then(|| B::enlarged_gradient(gradient.clone(), enlargement, launch));
        [Some(gradient), enlarged]
    }
}

impl<B: AddEnlargedOps + AddEnlargedGradients, C: CheckpointStrategy> AddEnlargedOps for Autodiff<B, C> {
    fn add_enlarged(
        h: FloatTensor<Self>,
        s: FloatTensor<Self>,
        enlargement: Enlargement,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let nodes = [h.node(), s.node()];
        let sum = B::add_enlarged(h.into_primitive(), s.into_primitive(), enlargement, launch);
        record::<AddEnlargedBackward, B, C, 2>(nodes, sum, (enlargement, launch))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// The 3x3 example of PyTorch's documentation of `Upsample`, with `mode="bilinear", align_corners=False`.
    #[test]
    fn bilinear_enlargement_agrees_with_pytorch() {
        let device = Device::flex();
        let s = Tensor::<4>::from_data([[[[1.0f32, 2.0, 0.0], [3.0, 4.0, 0.0], [0.0, 0.0, 0.0]]]], &device);
        let enlarged = add_enlarged(Tensor::zeros([1, 1, 6, 6], &device), s, Enlargement::Bilinear);
        let expected = [
            [1.0f32, 1.25, 1.75, 1.5, 0.5, 0.0],
            [1.5, 1.75, 2.25, 1.875, 0.625, 0.0],
            [2.5, 2.75, 3.25, 2.625, 0.875, 0.0],
            [2.25, 2.4375, 2.8125, 2.25, 0.75, 0.0],
            [0.75, 0.8125, 0.9375, 0.75, 0.25, 0.0],
            [0.0; 6],
        ];
        // All of these numbers are exact in f32.
        assert_eq!(enlarged.into_data(), TensorData::from([[expected]]));
    }
}
