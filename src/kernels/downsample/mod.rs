//! Smaller images by averaging.

use burn::tensor::Tensor;

/// Halves height and width by averaging 2x2 squares; sizes must be even.
pub fn downsample2(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height / 2, 2, width / 2, 2]).mean_dim(5).mean_dim(3).reshape([
        batch,
        channels,
        height / 2,
        width / 2,
    ])
}
