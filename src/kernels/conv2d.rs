//! Convolution.

use burn::tensor::Tensor;
use burn::tensor::ops::ConvOptions;

/// Convolves `[batch, in, height, width]` with `[out, in, size, size]` and adds a bias `[out]`.
///
/// The input is padded with `(size - 1) / 2` zeros on each side, so stride 1 keeps the size of odd kernels, and stride 2
/// halves it, rounding up for odd kernels.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, stride: usize) -> Tensor<4> {
    let padding = (weight.dims()[2] - 1) / 2;
    let options = ConvOptions::new([stride, stride], [padding, padding], [1, 1], 1);
    burn::tensor::module::conv2d(x, weight, Some(bias), options)
}
