//! Linear layers, and sums of the rows of a table.
//!
//! The convolutions compute both on images of one pixel; on the CPU, burn does, unless arithmetic is strict.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
mod gpu;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::conv2d::{Conv2dGradients, Conv2dOps, ConvShape, Leaks, conv2d_with};
use crate::kernels::host::is_cpu;
use crate::kernels::launch::Launch;

/// A convolution of images of one pixel.
const PIXEL: ConvShape = ConvShape { stride: 1, enlarge: false };

/// `x` `[batch, in]` times the transpose of `weight` `[out, in]`, plus `bias` `[out]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    linear_with(x, weight, bias, Launch::default())
}

/// [`linear`] with a choice of launch.
pub fn linear_with(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, launch: Launch) -> Tensor<2> {
    if is_cpu(&x.device()) && !launch.is_strict() {
        return x.matmul(weight.transpose()) + bias.unsqueeze();
    }
    let ([batch, inputs], [outputs, _]) = (x.dims(), weight.dims());
    let (x, weight) = (x.reshape([batch, inputs, 1, 1]), weight.reshape([outputs, inputs, 1, 1]));
    conv2d_with(x, weight, bias, PIXEL, launch).reshape([batch, outputs])
}

/// Sums of the rows of `table` `[rows, features]`, weighted by each row of `weights` `[batch, rows]`: their product,
/// `[batch, features]`. One-hot weights pick a row.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn weighted_rows(weights: Tensor<2>, table: Tensor<2>, launch: Launch) -> Tensor<2> {
    if is_cpu(&weights.device()) && !launch.is_strict() {
        return weights.matmul(table);
    }
    let ([batch, count], [rows, features]) = (weights.dims(), table.dims());
    assert_eq!(count, rows, "weighted_rows: there is a weight for each row");
    let (weights, table) = (weights.reshape([batch, rows, 1, 1]), table.reshape([rows, features, 1, 1]));
    let sums = <Dispatch as WeightedRowsOps>::weighted_rows(weights.into_dispatch(), table.into_dispatch(), launch);
    Tensor::<4>::from_dispatch(sums).reshape([batch, features])
}

/// The mean `[1, features]` of the rows of `table` `[rows, features]`.
pub fn mean_row(table: Tensor<2>, launch: Launch) -> Tensor<2> {
    if !launch.is_strict() {
        return table.mean_dim(0);
    }
    let [rows, _] = table.dims();
    weighted_rows(Tensor::full([1, rows], 1.0 / rows as f64, &table.device()), table, launch)
}

/// The sums `[batch, channels]` of `planes` `[batch, channels, positions]`.
pub fn plane_sums(planes: Tensor<3>, launch: Launch) -> Tensor<2> {
    let ([batch, channels, positions], device) = (planes.dims(), planes.device());
    if !launch.is_strict() {
        return planes.sum_dim(2).reshape([batch, channels]);
    }
    let rows = planes.reshape([batch * channels, positions]);
    let sums = linear_with(rows, Tensor::ones([1, positions], &device), Tensor::zeros([1], &device), launch);
    sums.reshape([batch, channels])
}

/// Sums of rows on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait WeightedRowsOps: Backend {
    /// [`weighted_rows`] of images of one pixel: weights `[batch, rows, 1, 1]`, a table `[rows, features, 1, 1]`.
    fn weighted_rows(weights: FloatTensor<Self>, table: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct WeightedRowsBackward;

impl<B: Conv2dOps + Conv2dGradients> BackwardPass<B, 2> for WeightedRowsBackward {
    /// Weights and table.
    type Kept = (FloatTensor<B>, FloatTensor<B>, Launch);

    /// The sums are the gradient of the input of a convolution whose kernel is the table. So the gradient of the
    /// weights is that convolution, and the gradient of the table is that of its kernel.
    fn gradients(
        (weights, table, launch): Self::Kept,
        gradient: FloatTensor<B>,
        [of_weights, of_table]: [bool; 2],
    ) -> [Option<FloatTensor<B>>; 2] {
        let weights_gradient = of_weights.then(|| {
            let rows = table.shape()[0];
            let no_bias = B::float_zeros([rows].into(), &gradient.device(), gradient.dtype().into());
            <B as Conv2dOps>::conv2d(gradient.clone(), table.clone(), no_bias, PIXEL, Leaks::default(), launch)
        });
        let table_gradient = of_table.then(|| {
            let [of_kernel, _] = B::parameter_gradients(gradient, table, weights, PIXEL, launch);
            of_kernel
        });
        [weights_gradient, table_gradient]
    }
}

impl<B: WeightedRowsOps + Conv2dOps + Conv2dGradients, C: CheckpointStrategy> WeightedRowsOps for Autodiff<B, C> {
    fn weighted_rows(weights: FloatTensor<Self>, table: FloatTensor<Self>, launch: Launch) -> FloatTensor<Self> {
        let nodes = [weights.node(), table.node()];
        let [weights, table] = [weights, table].map(|tensor| tensor.into_primitive());
        let sums = B::weighted_rows(weights.clone(), table.clone(), launch);
        record::<WeightedRowsBackward, B, C, 2>(nodes, sums, (weights, table, launch))
    }
}
