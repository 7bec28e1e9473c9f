//! Batch normalisation with the statistics of the batch.

use burn::tensor::Tensor;

/// Added to the variance (Ioffe & Szegedy 2015, algorithm 1).
pub const EPSILON: f32 = 1e-5;

/// Normalises `[batch, channels, height, width]` per channel, then scales and shifts by `[rows, channels]` where `rows`
/// is 1 or the batch. Returns the result with the mean and the (biased) variance of the batch, both `[channels]`.
pub fn batch_norm(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let [_, channels, _, _] = x.dims();
    let [rows, _] = scale.dims();
    let mean = channel_mean(x.clone());
    let centred = x - mean.clone();
    let variance = channel_mean(centred.clone() * centred.clone());
    let gain = scale.reshape([rows, channels, 1, 1]) / (variance.clone() + EPSILON).sqrt();
    let y = centred * gain + shift.reshape([rows, channels, 1, 1]);
    (y, mean.reshape([channels]), variance.reshape([channels]))
}

/// `[1, channels, 1, 1]`.
fn channel_mean(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).mean_dim(0).reshape([1, channels, 1, 1])
}
