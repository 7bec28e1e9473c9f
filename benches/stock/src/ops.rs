//! Single stock operations of burn, to compare with slgan's kernels one by one.

use burn::module::{Param, ParamId};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::interpolate::{Interpolate2d, Interpolate2dConfig, InterpolateMode};
use burn::nn::{BatchNorm, BatchNormConfig, LeakyReluConfig, Linear, PaddingConfig2d, Relu, Tanh};
use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;

use crate::spectral::singular_value;

/// Slope of the leaky ReLU below 0.
pub const SLOPE: f64 = 0.2;

/// Makes each pixel a square of 2x2.
pub fn enlargement() -> Interpolate2d {
    Interpolate2dConfig::new().with_scale_factor(Some([2.0; 2])).with_mode(InterpolateMode::Nearest).init()
}

/// Enlarges to twice the size by bilinear interpolation. Composed, because burn's own interpolation has no gradient on
/// GPUs.
pub fn enlarged_bilinearly(x: Tensor<4>) -> Tensor<4> {
    widened(widened(x).swap_dims(2, 3)).swap_dims(2, 3)
}

/// Makes rows twice as long: each pixel becomes two, which lie a quarter of the way to the neighbours.
fn widened(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let padded = x.clone().pad([(1, 1)], PadMode::Edge);
    let near = x * 0.75;
    let sides = [0, 2].map(|first| near.clone() + padded.clone().narrow(3, first, width) * 0.25);
    Tensor::stack::<5>(sides.into(), 4).reshape([batch, channels, height, 2 * width])
}

/// A convolution with a weight `[out, in, size, size]` and the padding that keeps the size at stride 1.
pub fn conv2d(weight: Tensor<4>, bias: Tensor<1>, stride: usize) -> Conv2d {
    let ([output, input, size, _], device) = (weight.dims(), weight.device());
    let padding = (size - 1) / 2;
    let config = Conv2dConfig::new([input, output], [size; 2])
        .with_stride([stride; 2])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding));
    Conv2d { weight: given(weight), bias: Some(given(bias)), ..config.init(&device) }
}

/// A linear layer with a weight `[in, out]`.
pub fn linear(weight: Tensor<2>, bias: Tensor<1>) -> Linear {
    Linear { weight: given(weight), bias: Some(given(bias)) }
}

/// Batch normalisation with scale and shift `[channels]`, for training.
pub fn batch_norm(scale: Tensor<1>, shift: Tensor<1>) -> BatchNorm {
    let [channels] = scale.dims();
    let norm = BatchNormConfig::new(channels).with_momentum(1.0).init(&scale.device());
    BatchNorm { gamma: given(scale), beta: given(shift), ..norm }
}

/// Batch normalisation followed by ReLU.
pub fn batch_norm_relu(norm: &BatchNorm, x: Tensor<4>) -> Tensor<4> {
    Relu::new().forward(norm.forward(x))
}

/// Batch normalisation with scale and shift per image, `[batch, channels]`, followed by ReLU. The scale of `norm`
/// itself must be 1, and its shift 0.
pub fn conditional_batch_norm_relu(norm: &BatchNorm, x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> Tensor<4> {
    let [batch, channels, _, _] = x.dims();
    let shape = [batch, channels, 1, 1];
    Relu::new().forward(norm.forward(x) * scale.reshape(shape) + shift.reshape(shape))
}

/// Mean and biased variance of each channel, both `[channels]`, as `burn::nn::BatchNorm` computes them.
pub fn channel_statistics(x: Tensor<4>) -> [Tensor<1>; 2] {
    let [_, channels, _, _] = x.dims();
    let mean_of = |x: Tensor<4>| by_channel(x).mean_dim(1).reshape([1, channels, 1, 1]);
    let mean = mean_of(x.clone());
    let variance = mean_of((x - mean.clone()).square());
    [mean, variance].map(|numbers| numbers.reshape([channels]))
}

/// The sum of each channel, `[channels]`, as burn computes the gradient of a convolution's bias.
pub fn channel_sum(x: Tensor<4>) -> Tensor<1> {
    let [_, channels, _, _] = x.dims();
    by_channel(x).sum_dim(1).reshape([channels])
}

/// `[channels, batch * height * width]`.
fn by_channel(x: Tensor<4>) -> Tensor<2> {
    x.swap_dims(0, 1).flatten(1, 3)
}

/// The mean of each image, `[batch, 1]`.
pub fn image_mean(x: Tensor<4>) -> Tensor<2> {
    x.flatten::<2>(1, 3).mean_dim(1)
}

/// The kernel `[in, out, size + 1, size + 1]` of the transposed convolution of stride 2 that equals an enlargement
/// followed by a convolution with `[out, in, size, size]`.
pub fn fold(weight: Tensor<4>) -> Tensor<4> {
    let flipped = weight.swap_dims(0, 1).flip([2, 3]);
    let tall = flipped.clone().pad([(0, 1), (0, 0)], 0.0) + flipped.pad([(1, 0), (0, 0)], 0.0);
    tall.clone().pad([(0, 1)], 0.0) + tall.pad([(1, 0)], 0.0)
}

/// The gradient of the weights from the gradient of [`fold`]'s result.
pub fn unfold(folded: Tensor<4>) -> Tensor<4> {
    let size = folded.dims()[2] - 1;
    let low = folded.clone().narrow(2, 0, size) + folded.narrow(2, 1, size);
    let small = low.clone().narrow(3, 0, size) + low.narrow(3, 1, size);
    small.flip([2, 3]).swap_dims(0, 1)
}

/// Adam with these decays of its moments.
pub fn adam([beta_1, beta_2]: [f32; 2]) -> Adam {
    AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(1e-8).build()
}

/// A parameter with its moments after `updates` updates.
#[derive(Debug, Clone)]
pub struct Moments {
    /// The parameter.
    pub value: Tensor<1>,
    /// The moving averages of its gradients and of their squares.
    pub moments: [Tensor<1>; 2],
    /// Updates done.
    pub updates: usize,
}

/// One update of Adam.
pub fn adam_step(
    adam: &Adam,
    learning_rate: f64,
    parameter: Moments,
    gradient: Tensor<1>,
) -> (Tensor<1>, AdamState<1>) {
    let Moments { value, moments: [first, second], updates } = parameter;
    let state = AdamState::new(AdaptiveMomentumState::new(updates, first, second));
    let (value, state) = adam.step(learning_rate, value, gradient, Some(state));
    (value, state.expect("Adam keeps its moments"))
}

/// `decay * average + (1 - decay) * value`.
pub fn average(average: Tensor<1>, value: Tensor<1>, decay: f64) -> Tensor<1> {
    average * decay + value * (1.0 - decay)
}

/// A convolution's weight divided by the estimate of its largest singular value.
pub fn normalized(weight: Tensor<4>, left: Tensor<1>, right: Tensor<1>) -> Tensor<4> {
    let sigma = singular_value(weight.clone().flatten(1, 3), left, right);
    weight / sigma.reshape([1; 4])
}

/// Leaky ReLU with the slope of the networks.
pub fn leaky_relu(x: Tensor<4>) -> Tensor<4> {
    LeakyReluConfig::new().with_negative_slope(SLOPE).init().forward(x)
}

/// The hyperbolic tangent.
pub fn tanh(x: Tensor<4>) -> Tensor<4> {
    Tanh::new().forward(x)
}

/// `h` plus an enlarged `s`.
pub fn add_enlarged(h: Tensor<4>, s: Tensor<4>) -> Tensor<4> {
    h + enlargement().forward(s)
}

/// `h` plus an `s` enlarged bilinearly.
pub fn add_enlarged_bilinear(h: Tensor<4>, s: Tensor<4>) -> Tensor<4> {
    h + enlarged_bilinearly(s)
}

/// A parameter with a value. It is tracked if the value is.
fn given<const D: usize>(value: Tensor<D>) -> Param<Tensor<D>> {
    Param::initialized(ParamId::new(), value)
}
