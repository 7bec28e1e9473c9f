//! Linear layers.

use burn::tensor::Tensor;

use super::conv2d::{ConvShape, conv2d};
use super::stock;

/// `x` `[batch, in]` times the transpose of `weight` `[out, in]`, plus `bias` `[out]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    if !stock::leaves_to_kernels(&x.device()) {
        return x.matmul(weight.transpose()) + bias.unsqueeze();
    }
    // The kernels of convolution do it, on images of one pixel.
    let ([batch, inputs], [outputs, _]) = (x.dims(), weight.dims());
    let (x, weight) = (x.reshape([batch, inputs, 1, 1]), weight.reshape([outputs, inputs, 1, 1]));
    conv2d(x, weight, bias, ConvShape { stride: 1, enlarge: false }).reshape([batch, outputs])
}
