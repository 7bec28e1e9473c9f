//! Batch normalisation with the statistics of the batch, followed by ReLU.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod planes;
mod strict;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

/// Added to the variance (Ioffe & Szegedy 2015, algorithm 1).
pub const EPSILON: f32 = 1e-5;

/// Normalises `[batch, channels, height, width]` per channel, scales and shifts by `[rows, channels]`, with `rows` 1 or
/// the batch size, and applies ReLU. Returns the result, and the mean and biased variance of the batch, both
/// `[channels]`.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn batch_norm_relu(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    batch_norm_relu_with(x, scale, shift, Launch::default())
}

/// [`batch_norm_relu`] with a choice of launch.
///
/// # Panics
/// As [`batch_norm_relu`].
pub fn batch_norm_relu_with(
    x: Tensor<4>,
    scale: Tensor<2>,
    shift: Tensor<2>,
    launch: Launch,
) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let ([batch, channels, _, _], [rows, _]) = (x.dims(), scale.dims());
    let fit = scale.dims() == [rows, channels] && shift.dims() == [rows, channels] && (rows == 1 || rows == batch);
    assert!(fit, "batch_norm_relu: scale and shift are [1 or batch, channels]");
    let plain = x.clone().without_autodiff().into_dispatch();
    let (statistics, mean, variance) = <Dispatch as ChannelStatisticsOps>::channel_statistics(plain, launch);
    let statistics = Tensor::<2>::from_dispatch(statistics);
    let lifted = if x.is_autodiff() { statistics.autodiff() } else { statistics };
    let y = Tensor::from_dispatch(<Dispatch as BatchNormOps>::batch_norm_relu(
        x.into_dispatch(),
        lifted.into_dispatch(),
        scale.into_dispatch(),
        shift.into_dispatch(),
        launch,
    ));
    (y, Tensor::from_dispatch(mean), Tensor::from_dispatch(variance))
}

/// The statistics of a batch on each backend.
#[backend_extension(Cube, Flex)]
pub trait ChannelStatisticsOps: Backend {
    /// Mean and variance of each channel: the rows of one tensor `[2, channels or more]`, and each `[channels]`.
    fn channel_statistics(
        x: FloatTensor<Self>,
        launch: Launch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// The normalisation on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait BatchNormOps: Backend {
    /// Normalises by the statistics of `x`, scales, shifts and applies ReLU.
    fn batch_norm_relu(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Its gradients, from the gradient of the output.
pub trait BatchNormGradients: Backend {
    /// The gradients of `x`, including the path through its statistics, and of scale and shift, where they are `wanted`,
    /// from `x`, its statistics, scale and shift.
    fn gradients(
        inputs: [FloatTensor<Self>; 4],
        gradient: FloatTensor<Self>,
        wanted: [bool; 3],
        launch: Launch,
    ) -> [Option<FloatTensor<Self>>; 3];
}

#[derive(Debug)]
struct BatchNormBackward;

impl<B: BatchNormGradients> BackwardPass<B, 3> for BatchNormBackward {
    /// Input, statistics, scale and shift.
    type Kept = ([FloatTensor<B>; 4], Launch);

    fn gradients(
        (kept, launch): Self::Kept,
        gradient: FloatTensor<B>,
        wanted: [bool; 3],
    ) -> [Option<FloatTensor<B>>; 3] {
        B::gradients(kept, gradient, wanted, launch)
    }
}

impl<B: BatchNormOps + BatchNormGradients, C: CheckpointStrategy> BatchNormOps for Autodiff<B, C> {
    fn batch_norm_relu(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), scale.node(), shift.node()];
        let kept = [x, statistics, scale, shift].map(|tensor| tensor.into_primitive());
        let [x, statistics, scale, shift] = kept.clone();
        let y = B::batch_norm_relu(x, statistics, scale, shift, launch);
        record::<BatchNormBackward, B, C, 3>(nodes, y, (kept, launch))
    }
}

#[cfg(test)]
mod tests;
