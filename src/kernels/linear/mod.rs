//! Linear layers.

#[cfg(feature = "checks")]
pub(super) mod check;

use burn::tensor::Tensor;

use crate::kernels::conv2d::{ConvShape, conv2d_with};
use crate::kernels::host::is_cpu;
use crate::kernels::launch::Launch;

/// `x` `[batch, in]` times the transpose of `weight` `[out, in]`, plus `bias` `[out]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    linear_with(x, weight, bias, Launch::default())
}

/// [`linear`] with a choice of launch.
pub fn linear_with(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, launch: Launch) -> Tensor<2> {
    if is_cpu(&x.device()) {
        return x.matmul(weight.transpose()) + bias.unsqueeze();
    }
    // On GPUs, the convolution kernels compute it on images of one pixel.
    let ([batch, inputs], [outputs, _]) = (x.dims(), weight.dims());
    let (x, weight) = (x.reshape([batch, inputs, 1, 1]), weight.reshape([outputs, inputs, 1, 1]));
    let shape = ConvShape { stride: 1, enlarge: false };
    conv2d_with(x, weight, bias, shape, launch).reshape([batch, outputs])
}
