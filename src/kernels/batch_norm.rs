//! Batch normalisation with the statistics of the batch, followed by ReLU.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Tensor, activation};

use super::cpu::is_cpu;

/// Added to the variance (Ioffe & Szegedy 2015, algorithm 1).
pub const EPSILON: f32 = 1e-5;

/// Normalises `[batch, channels, height, width]` per channel, scales and shifts by `[rows, channels]` where `rows` is 1
/// or the batch, and cuts what is below 0. Returns the result with the mean and the (biased) variance of the batch,
/// both `[channels]`.
pub fn batch_norm_relu(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    if is_cpu(&x.device()) { on_cpu(x, scale, shift) } else { composed(x, scale, shift) }
}

fn on_cpu(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let [_, channels, _, _] = x.dims();
    let plain = x.clone().without_autodiff().into_dispatch();
    let statistics = Tensor::<2>::from_dispatch(<Dispatch as BatchNormOps>::channel_statistics(plain));
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

/// The pieces of [`batch_norm_relu`] on the CPU backend.
#[backend_extension(Flex, Autodiff)]
pub trait BatchNormOps: Backend {
    /// Mean and variance of each channel, `[2, channels]`.
    fn channel_statistics(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Normalises by statistics that are a function of `x`, scales, shifts and cuts.
    fn normalize_relu(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Gradients of scale and shift for each image, `[2, batch, channels]`.
    fn image_gradients(
        x: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The gradient of scale (`which` 0) or shift (1), `[rows, channels]`, from those for each image.
    fn parameter_gradient(image_gradients: FloatTensor<Self>, rows: usize, which: usize) -> FloatTensor<Self>;

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

impl<B: Backend + BatchNormOps> Backward<B, 3> for NormalizeBackward {
    /// Input, statistics, scale and shift.
    type State = [FloatTensor<B>; 4];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [x_node, scale_node, shift_node] = ops.parents;
        let [x, statistics, scale, shift] = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        let rows = scale.shape()[0];
        let by_image =
            B::image_gradients(x.clone(), statistics.clone(), scale.clone(), shift.clone(), gradient.clone());
        for (which, node) in [scale_node, shift_node].into_iter().enumerate() {
            if let Some(node) = node {
                grads.register::<B>(node.id, B::parameter_gradient(by_image.clone(), rows, which));
            }
        }
        if let Some(node) = x_node {
            let x_gradient = B::normalize_input_gradient(x, statistics, scale, shift, by_image, gradient);
            grads.register::<B>(node.id, x_gradient);
        }
    }
}

impl<B: Backend + BatchNormOps, C: CheckpointStrategy> BatchNormOps for Autodiff<B, C> {
    fn channel_statistics(_x: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("statistics are taken of plain tensors")
    }

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

    fn image_gradients(
        _x: FloatTensor<Self>,
        _statistics: FloatTensor<Self>,
        _scale: FloatTensor<Self>,
        _shift: FloatTensor<Self>,
        _gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{FIRST_ORDER}")
    }

    fn parameter_gradient(_image_gradients: FloatTensor<Self>, _rows: usize, _which: usize) -> FloatTensor<Self> {
        unreachable!("{FIRST_ORDER}")
    }

    fn normalize_input_gradient(
        _x: FloatTensor<Self>,
        _statistics: FloatTensor<Self>,
        _scale: FloatTensor<Self>,
        _shift: FloatTensor<Self>,
        _image_gradients: FloatTensor<Self>,
        _gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{FIRST_ORDER}")
    }
}

const FIRST_ORDER: &str = "autodiff is of first order: a backward pass runs on plain tensors";

#[cfg(test)]
mod tests;
