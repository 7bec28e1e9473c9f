//! Batch normalisation with the statistics of the batch, followed by ReLU.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, activation};

use super::stock;

/// Added to the variance (Ioffe & Szegedy 2015, algorithm 1).
pub const EPSILON: f32 = 1e-5;

/// Normalises `[batch, channels, height, width]` per channel, scales and shifts by `[rows, channels]` where `rows` is 1
/// or the batch, and cuts what is below 0. Returns the result with the mean and the (biased) variance of the batch,
/// both `[channels]`.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn batch_norm_relu(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let ([batch, channels, _, _], [rows, _]) = (x.dims(), scale.dims());
    let fit = scale.dims() == [rows, channels] && shift.dims() == [rows, channels] && (rows == 1 || rows == batch);
    assert!(fit, "batch_norm_relu: scale and shift are [1 or batch, channels]");
    if stock::is_chosen() { composed(x, scale, shift) } else { fused(x, scale, shift) }
}

fn fused(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let [_, channels, _, _] = x.dims();
    let plain = x.clone().without_autodiff().into_dispatch();
    let statistics = Tensor::<2>::from_dispatch(<Dispatch as ChannelStatisticsOps>::channel_statistics(plain));
    let lifted = if x.is_autodiff() { statistics.clone().autodiff() } else { statistics.clone() };
    let y = Tensor::from_dispatch(<Dispatch as BatchNormOps>::normalize_relu(
        x.into_dispatch(),
        lifted.into_dispatch(),
        scale.into_dispatch(),
        shift.into_dispatch(),
    ));
    let row = |index: usize| statistics.clone().slice([index..index + 1, 0..channels]).reshape([channels]);
    (y, row(0), row(1))
}

fn composed(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let [_, channels, _, _] = x.dims();
    let [rows, _] = scale.dims();
    let mean = channel_mean(x.clone());
    let centred = x - mean.clone();
    let variance = channel_mean(centred.clone().square());
    let gain = scale.reshape([rows, channels, 1, 1]) / (variance.clone() + EPSILON).sqrt();
    let y = activation::relu(centred * gain + shift.reshape([rows, channels, 1, 1]));
    (y, mean.reshape([channels]).without_autodiff(), variance.reshape([channels]).without_autodiff())
}

/// `[1, channels, 1, 1]`.
fn channel_mean(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).mean_dim(0).reshape([1, channels, 1, 1])
}

/// The statistics of a batch on each backend.
#[backend_extension(Cube, Flex)]
pub trait ChannelStatisticsOps: Backend {
    /// Mean and variance of each channel, `[2, channels]`.
    fn channel_statistics(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The normalisation on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait BatchNormOps: Backend {
    /// Normalises by statistics that are a function of `x`, scales, shifts and cuts.
    fn normalize_relu(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// Its gradients, from the gradient of the output.
pub trait BatchNormGradients: Backend {
    /// Gradients of scale and shift for each image, `[2, batch, channels]`.
    fn image_gradients(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The gradients of scale and shift, `[rows, channels]`, from those for each image.
    fn parameter_gradients(image_gradients: FloatTensor<Self>, rows: usize) -> [FloatTensor<Self>; 2];

    /// The gradient of `x`, through its statistics as well.
    fn normalize_input_gradient(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        image_gradients: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct NormalizeBackward;

impl<B: BatchNormOps + BatchNormGradients> Backward<B, 3> for NormalizeBackward {
    /// Input, statistics, scale and shift.
    type State = [FloatTensor<B>; 4];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [x_node, scale_node, shift_node] = ops.parents;
        let [x, statistics, scale, shift] = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        let rows = scale.shape()[0];
        let by_image =
            B::image_gradients(x.clone(), statistics.clone(), scale.clone(), shift.clone(), gradient.clone());
        if scale_node.is_some() || shift_node.is_some() {
            let parameter_gradients = B::parameter_gradients(by_image.clone(), rows);
            for (node, gradient) in [scale_node, shift_node].into_iter().zip(parameter_gradients) {
                if let Some(node) = node {
                    grads.register::<B>(node.id, gradient);
                }
            }
        }
        if let Some(node) = x_node {
            let x_gradient = B::normalize_input_gradient(x, statistics, scale, shift, by_image, gradient);
            grads.register::<B>(node.id, x_gradient);
        }
    }
}

impl<B: BatchNormOps + BatchNormGradients, C: CheckpointStrategy> BatchNormOps for Autodiff<B, C> {
    fn normalize_relu(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let state = [&x, &statistics, &scale, &shift].map(|tensor| tensor.primitive().clone());
        let nodes = [x.node(), scale.node(), shift.node()];
        let y = B::normalize_relu(
            x.into_primitive(),
            statistics.into_primitive(),
            scale.into_primitive(),
            shift.into_primitive(),
        );
        match NormalizeBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}

#[cfg(test)]
mod tests;
