//! Convolutions that end a residual block: what came another way is added to their sums.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::{Conv2dBackward, Conv2dGradients, ConvShape, Leaks, check};
use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps, Enlargement};
use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

/// How a tensor is added to the output of a convolution, `[batch, channels, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addend {
    /// As it is: it has the shape of the output.
    Same,
    /// Halved: it is twice as high and as wide, and the mean of each 2x2 square is added.
    Halved,
    /// Enlarged: it is half as high and as wide.
    Enlarged(Enlargement),
}

impl Addend {
    /// The size of what is added to an output.
    fn size(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Same => [height, width],
            Self::Halved => [2 * height, 2 * width],
            Self::Enlarged(_) => [height / 2, width / 2],
        }
    }

    fn fits(self, size: [usize; 2]) -> bool {
        !matches!(self, Self::Enlarged(_)) || size.iter().all(|side| side.is_multiple_of(2))
    }
}

/// A [`conv2d`](super::conv2d()) plus `addend`, in the form that `form` says.
///
/// # Panics
/// As [`conv2d`](super::conv2d()), or if the addend does not have the size that `form` says.
pub fn conv2d_add(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    addend: Tensor<4>,
    form: Addend,
    shape: ConvShape,
    launch: Launch,
) -> Tensor<4> {
    check(x.dims(), weight.dims(), bias.dims(), shape);
    let [batch, channels, height, width] = shape.output(x.dims(), weight.dims());
    let [rows, columns] = form.size([height, width]);
    let fits = form.fits([height, width]) && addend.dims() == [batch, channels, rows, columns];
    assert!(fits, "conv2d_add: the addend must have the size of the output, twice or half of it");
    let [x, weight, addend] = [x, weight, addend].map(Tensor::into_dispatch);
    let bias = bias.into_dispatch();
    Tensor::from_dispatch(<Dispatch as Conv2dAddOps>::conv2d_add(x, weight, bias, addend, form, shape, launch))
}

/// The convolution with an addend on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait Conv2dAddOps: Backend {
    /// [`conv2d_add`].
    fn conv2d_add(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        addend: FloatTensor<Self>,
        form: Addend,
        shape: ConvShape,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// The output of a convolution plus an addend, as operations of their own.
pub fn added<B: Backend + AddEnlargedOps>(
    y: FloatTensor<B>,
    addend: FloatTensor<B>,
    form: Addend,
    launch: Launch,
) -> FloatTensor<B> {
    match form {
        Addend::Same => B::float_add(addend, y),
        Addend::Halved => B::float_add(halved::<B>(addend), y),
        Addend::Enlarged(enlargement) => B::add_enlarged(y, addend, enlargement, launch),
    }
}

/// The means of squares of 2x2 pixels.
fn halved<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, channels, height, width] = x.shape().dims();
    let [rows, columns] = [height / 2, width / 2];
    let squares = B::float_reshape(x, [batch, channels, rows, 2, columns, 2].into());
    let means = B::float_mean_dim(B::float_mean_dim(squares, 5), 3);
    B::float_reshape(means, [batch, channels, rows, columns].into())
}

/// The gradient of what is [`halved`], from that of the result.
fn halved_gradient<B: Backend>(gradient: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, channels, rows, columns] = gradient.shape().dims();
    let quarter = B::float_mul_scalar(gradient, 0.25_f64.into());
    let squares = B::float_reshape(quarter, [batch, channels, rows, 1, columns, 1].into());
    let squares = B::float_expand(squares, [batch, channels, rows, 2, columns, 2].into());
    B::float_reshape(squares, [batch, channels, 2 * rows, 2 * columns].into())
}

#[derive(Debug)]
struct Conv2dAddBackward;

impl<B: Conv2dGradients + AddEnlargedGradients> BackwardPass<B, 4> for Conv2dAddBackward {
    /// Input and weight.
    type Kept = (FloatTensor<B>, FloatTensor<B>, Addend, ConvShape, Launch);

    fn gradients(
        (x, weight, form, shape, launch): Self::Kept,
        gradient: FloatTensor<B>,
        [of_x, of_weight, of_bias, of_addend]: [bool; 4],
    ) -> [Option<FloatTensor<B>>; 4] {
        let addend = of_addend.then(|| match form {
            Addend::Same => gradient.clone(),
            Addend::Halved => halved_gradient::<B>(gradient.clone()),
            Addend::Enlarged(enlargement) => B::enlarged_gradient(gradient.clone(), enlargement, launch),
        });
        let kept = (x, weight, Leaks::default().before, shape, launch);
        let wanted = [of_x, of_weight, of_bias];
        let [x, weight, bias] = <Conv2dBackward as BackwardPass<B, 3>>::gradients(kept, gradient, wanted);
        [x, weight, bias, addend]
    }
}

impl<B: Conv2dAddOps + Conv2dGradients + AddEnlargedGradients, C: CheckpointStrategy> Conv2dAddOps for Autodiff<B, C> {
    fn conv2d_add(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        addend: FloatTensor<Self>,
        form: Addend,
        shape: ConvShape,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node(), addend.node()];
        let [x, weight, bias, addend] = [x, weight, bias, addend].map(|tensor| tensor.into_primitive());
        let y = B::conv2d_add(x.clone(), weight.clone(), bias, addend, form, shape, launch);
        record::<Conv2dAddBackward, B, C, 4>(nodes, y, (x, weight, form, shape, launch))
    }
}
