//! Nearest-neighbour enlargement.

use burn::tensor::Tensor;

/// Doubles height and width: `[batch, channels, height, width]` to `[batch, channels, 2 height, 2 width]`.
pub fn upsample2(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height, 1, width, 1])
        .expand([batch, channels, height, 2, width, 2])
        .reshape([batch, channels, 2 * height, 2 * width])
}

/// Halves height and width by averaging 2x2 squares; sizes must be even.
pub fn downsample2(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height / 2, 2, width / 2, 2])
        .mean_dim(5)
        .mean_dim(3)
        .reshape([batch, channels, height / 2, width / 2])
}
