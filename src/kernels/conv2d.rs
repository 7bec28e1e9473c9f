//! Convolution, with nearest-neighbour enlargement fused into its read.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Tensor, module};

use super::stock;

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
///
/// # Panics
/// If the shapes do not fit each other, or the kernel is larger than the padded input.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    check(x.dims(), weight.dims(), bias.dims(), shape);
    if stock::is_chosen() {
        return composed(x, weight, bias, shape);
    }
    let ConvShape { stride, enlarge } = shape;
    Tensor::from_dispatch(<Dispatch as Conv2dOps>::convolve(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        stride,
        enlarge,
    ))
}

/// Kernels read where the shapes say, so these must be true.
fn check(x: [usize; 4], weight: [usize; 4], bias: [usize; 1], ConvShape { stride, enlarge }: ConvShape) {
    let ([_, channels, height, width], [outputs, inputs, size, breadth]) = (x, weight);
    assert_eq!(channels, inputs, "conv2d: the input's channels and the weight's must match");
    assert_eq!(size, breadth, "conv2d: kernels are square");
    assert_eq!(bias, [outputs], "conv2d: there is a bias for each output");
    assert!(
        stride > 0 && (!enlarge || size % 2 == 1 && stride == 1),
        "conv2d: enlarging goes with odd kernels, stride 1"
    );
    let padding = size.saturating_sub(1) / 2;
    let fits = |side: usize| size > 0 && side + 2 * padding >= size;
    assert!(fits(height) && fits(width), "conv2d: a kernel of {size} is larger than its padded input");
}

/// [`conv2d`] of stock operations.
fn composed(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let padding = (weight.dims()[2] - 1) / 2;
    let nearest = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * height, 2 * width]);
    let x = if shape.enlarge { module::interpolate(x, nearest) } else { x };
    let options = ConvOptions::new([shape.stride; 2], [padding; 2], [1, 1], 1);
    module::conv2d(x, weight, Some(bias), options)
}

/// The convolution on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait Conv2dOps: Backend {
    /// [`conv2d`].
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self>;
}

/// Its gradients, from the gradient of the output.
pub trait Conv2dGradients: Backend {
    /// The gradient of the input.
    fn input_gradient(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> FloatTensor<Self>;

    /// The gradients of the weights and of the bias.
    fn parameter_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        stride: usize,
        enlarge: bool,
    ) -> [FloatTensor<Self>; 2];
}

#[derive(Debug)]
struct ConvolveBackward;

/// Input and weight, with stride and enlargement.
type ConvolveState<B> = (FloatTensor<B>, FloatTensor<B>, usize, bool);

impl<B: Conv2dOps + Conv2dGradients> Backward<B, 3> for ConvolveBackward {
    type State = ConvolveState<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [x_node, weight_node, bias_node] = ops.parents;
        let (x, weight, stride, enlarge) = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = x_node {
            let x_gradient = B::input_gradient(x.clone(), weight.clone(), gradient.clone(), stride, enlarge);
            grads.register::<B>(node.id, x_gradient);
        }
        if weight_node.is_none() && bias_node.is_none() {
            return;
        }
        let parameter_gradients = B::parameter_gradients(x, weight, gradient, stride, enlarge);
        for (node, gradient) in [weight_node, bias_node].into_iter().zip(parameter_gradients) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

impl<B: Conv2dOps + Conv2dGradients, C: CheckpointStrategy> Conv2dOps for Autodiff<B, C> {
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
                let state = (x.primitive().clone(), weight.primitive().clone(), stride, enlarge);
                prep.finish(state, forward(x.into_primitive(), weight.into_primitive(), bias.into_primitive()))
            }
            OpsKind::UnTracked(prep) => {
                prep.finish(forward(x.into_primitive(), weight.into_primitive(), bias.into_primitive()))
            }
        }
    }
}
