//! Convolution, with nearest-neighbour enlargement of its input, leaky ReLUs and residual sums fused in.

mod activations;
#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod residual;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;
pub use activations::{Activations, conv2d_leaky_relu};
pub use residual::{Addend, Conv2dAddOps, conv2d_add};

/// How a convolution reads its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Pixels of the input from one output to the next: 1 or 2.
    pub stride: usize,
    /// Whether the input is read as if each pixel were a 2x2 square.
    pub enlarge: bool,
}

impl ConvShape {
    /// The shape of the output.
    fn output(self, x: [usize; 4], weight: [usize; 4]) -> [usize; 4] {
        let ([batch, _, height, width], [outputs, _, size, _]) = (x, weight);
        let scale = if self.enlarge { 2 } else { 1 };
        let [rows, columns] = [height, width].map(|side| (scale * side + (size - 1) / 2 * 2 - size) / self.stride + 1);
        [batch, outputs, rows, columns]
    }
}

/// Where a convolution has leaky ReLUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leaks {
    /// The input holds values behind one. Then its gradient is the one before it.
    pub before: bool,
    /// The output goes through one. Then the gradient that comes back is the one before it.
    pub after: bool,
}

/// Convolves `[batch, in, height, width]` with `[out, in, size, size]` and adds a bias `[out]`.
///
/// The input, enlarged if `shape` says so, is padded with `(size - 1) / 2` zeros on each side. So stride 1 keeps the
/// size for odd kernels, and stride 2 halves it, rounding up for odd kernels. Enlargement goes with odd kernels and
/// stride 1.
///
/// # Panics
/// If the shapes do not fit each other, or the kernel is larger than the padded input.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    conv2d_with(x, weight, bias, shape, Launch::default())
}

/// [`conv2d`] with a choice of launch.
///
/// # Panics
/// As [`conv2d`].
pub fn conv2d_with(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape, launch: Launch) -> Tensor<4> {
    conv2d_leaking(x, weight, bias, shape, Leaks::default(), launch)
}

/// [`conv2d`] with leaky ReLUs. Their gradients are right only between convolutions that agree on where they are.
fn conv2d_leaking(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    shape: ConvShape,
    leaks: Leaks,
    launch: Launch,
) -> Tensor<4> {
    check(x.dims(), weight.dims(), bias.dims(), shape);
    let [x, weight] = [x, weight].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as Conv2dOps>::conv2d(x, weight, bias.into_dispatch(), shape, leaks, launch))
}

/// Kernels compute addresses from the shapes, so these must be right.
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

/// The convolution on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait Conv2dOps: Backend {
    /// [`conv2d`] with leaky ReLUs.
    fn conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: ConvShape,
        leaks: Leaks,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Its gradients, from the gradient of the output.
pub trait Conv2dGradients: Backend {
    /// The gradient of the input, which has the shape `x`; before a leaky ReLU if its `values` are given.
    fn input_gradient(
        x: [usize; 4],
        values: Option<FloatTensor<Self>>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
        launch: Launch,
    ) -> FloatTensor<Self>;

    /// The gradients of the weights and of the bias.
    fn parameter_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        shape: ConvShape,
        launch: Launch,
    ) -> [FloatTensor<Self>; 2];
}

#[derive(Debug)]
struct Conv2dBackward;

impl<B: Conv2dGradients> BackwardPass<B, 3> for Conv2dBackward {
    /// Input and weight, and whether the input holds values behind a leaky ReLU.
    type Kept = (FloatTensor<B>, FloatTensor<B>, bool, ConvShape, Launch);

    fn gradients(
        (x, weight, is_leaky, shape, launch): Self::Kept,
        gradient: FloatTensor<B>,
        [of_x, of_weight, of_bias]: [bool; 3],
    ) -> [Option<FloatTensor<B>>; 3] {
        let dims = x.shape().dims();
        let values = is_leaky.then(|| x.clone());
        let x_gradient = of_x.then(|| B::input_gradient(dims, values, weight.clone(), gradient.clone(), shape, launch));
        if !of_weight && !of_bias {
            return [x_gradient, None, None];
        }
        let [weight_gradient, bias_gradient] = B::parameter_gradients(x, weight, gradient, shape, launch);
        [x_gradient, Some(weight_gradient), Some(bias_gradient)]
    }
}

impl<B: Conv2dOps + Conv2dGradients, C: CheckpointStrategy> Conv2dOps for Autodiff<B, C> {
    fn conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: ConvShape,
        leaks: Leaks,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.into_primitive());
        let y = <B as Conv2dOps>::conv2d(x.clone(), weight.clone(), bias, shape, leaks, launch);
        record::<Conv2dBackward, B, C, 3>(nodes, y, (x, weight, leaks.before, shape, launch))
    }
}
