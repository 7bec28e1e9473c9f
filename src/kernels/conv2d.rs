//! Convolution, with nearest-neighbour enlargement fused into its read.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};

/// How a convolution reads its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Distance between outputs, in inputs: 1 or 2.
    pub stride: usize,
    /// Whether the input is read as if each pixel were a 2x2 square.
    pub enlarge: bool,
}

/// Convolves `[batch, in, height, width]` with `[out, in, size, size]` and adds a bias `[out]`.
///
/// The input, enlarged where `shape` says so, is padded with `(size - 1) / 2` zeros on each side. So stride 1 keeps the
/// size for odd kernels, and stride 2 halves it, rounding up for odd kernels. Enlargement goes with odd kernels and
/// stride 1.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    let ConvShape { stride, enlarge } = shape;
    Tensor::from_dispatch(<Dispatch as Conv2dOps>::convolve(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        stride,
        enlarge,
    ))
}

/// The convolution and its gradients on each backend. The default bodies are stock operations.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait Conv2dOps: Backend {
    /// [`conv2d`].
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self> {
        let options = options(&weight, stride);
        Self::conv2d(enlarged::<Self>(x, enlarge), weight, Some(bias), options)
    }

    /// The gradient of the input, from the gradient of the output.
    fn convolve_input_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self> {
        let options = options(&weight, stride);
        let large = enlarged::<Self>(x.clone(), enlarge);
        let large_gradient = Self::conv2d_x_backward(large, weight, gradient, options);
        if !enlarge {
            return large_gradient;
        }
        let [height, width] = [2, 3].map(|dim| 2 * x.shape()[dim]);
        Self::interpolate_backward(x, large_gradient, [height, width], nearest())
    }

    /// The gradient of the weights.
    fn convolve_weight_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self> {
        let options = options(&weight, stride);
        Self::conv2d_weight_backward(enlarged::<Self>(x, enlarge), weight, gradient, options)
    }

    /// The gradient of the bias.
    fn convolve_bias_gradient(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::conv2d_bias_backward(x, bias, gradient)
    }
}

impl Conv2dOps for CubeBackend {}

fn options(weight: &impl TensorMetadata, stride: usize) -> ConvOptions<2> {
    let padding = (weight.shape()[2] - 1) / 2;
    ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1)
}

fn nearest() -> InterpolateOptions {
    InterpolateOptions::new(InterpolateMode::Nearest)
}

fn enlarged<B: Backend>(x: FloatTensor<B>, enlarge: bool) -> FloatTensor<B> {
    let [height, width] = [2, 3].map(|dim| 2 * x.shape()[dim]);
    if enlarge { B::interpolate(x, [height, width], nearest()) } else { x }
}

#[derive(Debug)]
struct ConvolveBackward;

/// Input, weight and bias, with stride and enlargement.
type ConvolveState<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, usize, bool);

impl<B: Backend + Conv2dOps> Backward<B, 3> for ConvolveBackward {
    type State = ConvolveState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let (x, weight, bias, stride, enlarge) = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = x_node {
            let x_gradient = B::convolve_input_gradient(x.clone(), weight.clone(), gradient.clone(), stride, enlarge);
            grads.register::<B>(node.id, x_gradient);
        }
        if let Some(node) = weight_node {
            let weight_gradient = B::convolve_weight_gradient(x.clone(), weight, gradient.clone(), stride, enlarge);
            grads.register::<B>(node.id, weight_gradient);
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, B::convolve_bias_gradient(x, bias, gradient));
        }
    }
}

impl<B: Backend + Conv2dOps, C: CheckpointStrategy> Conv2dOps for Autodiff<B, C> {
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self> {
        let forward = |x, weight, bias| B::convolve(x, weight, bias, stride, enlarge);
        let nodes = [x.node(), weight.node(), bias.node()];
        match ConvolveBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state =
                    (x.primitive().clone(), weight.primitive().clone(), bias.primitive().clone(), stride, enlarge);
                prep.finish(state, forward(x.into_primitive(), weight.into_primitive(), bias.into_primitive()))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(forward(x.into_primitive(), weight.into_primitive(), bias.into_primitive()))
            }
        }
    }
}

#[cfg(test)]
mod tests;
