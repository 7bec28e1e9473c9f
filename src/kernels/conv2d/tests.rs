//! The CPU's convolution against stock operations, and its gradients against finite differences in float64.

use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData};

use super::{ConvShape, conv2d};
use crate::rng::{Purpose, stream};

/// Batch, channels in, height, width, channels out, kernel size, stride, enlargement: tiny, exact multiples and ragged.
const CASES: [([usize; 6], ConvShape); 9] = [
    ([1, 1, 1, 1, 1, 1], ConvShape { stride: 1, enlarge: false }),
    ([1, 1, 1, 1, 1, 3], ConvShape { stride: 1, enlarge: true }),
    ([2, 3, 8, 8, 16, 3], ConvShape { stride: 1, enlarge: false }),
    ([9, 3, 7, 5, 4, 3], ConvShape { stride: 2, enlarge: false }),
    ([17, 2, 5, 6, 3, 3], ConvShape { stride: 1, enlarge: true }),
    ([3, 5, 9, 4, 2, 2], ConvShape { stride: 2, enlarge: false }),
    ([2, 4, 6, 6, 3, 4], ConvShape { stride: 2, enlarge: false }),
    ([2, 3, 4, 4, 7, 1], ConvShape { stride: 1, enlarge: true }),
    ([2, 3, 7, 7, 5, 1], ConvShape { stride: 2, enlarge: false }),
];

/// Random input, weight, bias, and a gradient for the output.
struct Data {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    dims: [usize; 6],
}

impl Data {
    fn new(dims: [usize; 6]) -> Self {
        let [batch, inputs, height, width, outputs, size] = dims;
        let draw = |step, count| stream(1, Purpose::Test, step).normals(count);
        Self {
            x: draw(0, batch * inputs * height * width),
            weight: draw(1, outputs * inputs * size * size),
            bias: draw(2, outputs),
            dims,
        }
    }

    fn tensors(&self, device: &Device) -> (Tensor<4>, Tensor<4>, Tensor<1>) {
        let [batch, inputs, height, width, outputs, size] = self.dims;
        let four =
            |values: &[f32], dims: [usize; 4]| Tensor::<4>::from_data(TensorData::new(values.to_vec(), dims), device);
        let bias = Tensor::from_data(TensorData::new(self.bias.clone(), [outputs]), device);
        (four(&self.x, [batch, inputs, height, width]), four(&self.weight, [outputs, inputs, size, size]), bias)
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[must_use]
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn stock(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let x = match shape.enlarge {
        true => burn::tensor::module::interpolate(
            x,
            InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * height, 2 * width]),
        ),
        false => x,
    };
    let padding = (weight.dims()[2] - 1) / 2;
    let options = ConvOptions::new([shape.stride; 2], [padding; 2], [1, 1], 1);
    burn::tensor::module::conv2d(x, weight, Some(bias), options)
}

#[test]
fn forward_and_gradients_agree_with_stock_operations() {
    let device = Device::flex().autodiff();
    for (dims, shape) in CASES {
        let data = Data::new(dims);
        let results = [conv2d, stock].map(|convolve| {
            let (x, weight, bias) = data.tensors(&device);
            let (x, weight, bias) = (x.require_grad(), weight.require_grad(), bias.require_grad());
            let y = convolve(x.clone(), weight.clone(), bias.clone(), shape);
            let [a, b, c, d] = y.dims();
            let factors = stream(1, Purpose::Test, 3).normals(a * b * c * d);
            let factors = Tensor::<4>::from_data(TensorData::new(factors, [a, b, c, d]), &device);
            let mut gradients = (y.clone() * factors).sum().backward();
            let x_gradient = x.grad_remove(&mut gradients).expect("x is tracked");
            let weight_gradient = weight.grad_remove(&mut gradients).expect("weight is tracked");
            let bias_gradient = bias.grad_remove(&mut gradients).expect("bias is tracked");
            [values(y), values(x_gradient), values(weight_gradient), values(bias_gradient)]
        });
        let [ours, theirs] = results;
        for (what, (ours, theirs)) in ["y", "dx", "dw", "db"].iter().zip(ours.iter().zip(&theirs)) {
            let scale = theirs.iter().fold(1.0f32, |scale, x| scale.max(x.abs()));
            let difference = largest_difference(ours, theirs);
            assert!(difference <= 1e-5 * scale, "{dims:?} {shape:?} {what}: {difference} of {scale}");
        }
    }
}

/// Convolution from its definition, in float64.
fn oracle(data: &Data, shape: ConvShape) -> Vec<f64> {
    let [batch, inputs, height, width, outputs, size] = data.dims;
    let scale = if shape.enlarge { 2 } else { 1 };
    let padding = (size - 1) / 2;
    let out = |side: usize| (side * scale + 2 * padding - size) / shape.stride + 1;
    let mut y = Vec::new();
    for image in 0..batch {
        for output in 0..outputs {
            for row in 0..out(height) {
                for column in 0..out(width) {
                    let mut sum = f64::from(data.bias[output]);
                    for input in 0..inputs {
                        for tap in 0..size * size {
                            let y = (row * shape.stride + tap / size).checked_sub(padding).map(|y| y / scale);
                            let x = (column * shape.stride + tap % size).checked_sub(padding).map(|x| x / scale);
                            let (Some(y), Some(x)) = (y.filter(|&y| y < height), x.filter(|&x| x < width)) else {
                                continue;
                            };
                            let pixel = data.x[((image * inputs + input) * height + y) * width + x];
                            let weight = data.weight[(output * inputs + input) * size * size + tap];
                            sum += f64::from(pixel) * f64::from(weight);
                        }
                    }
                    y.push(sum);
                }
            }
        }
    }
    y
}

#[test]
fn forward_agrees_with_the_definition() {
    for (dims, shape) in CASES {
        let data = Data::new(dims);
        let (x, weight, bias) = data.tensors(&Device::flex());
        let y = values(conv2d(x, weight, bias, shape));
        let expected: Vec<f32> = oracle(&data, shape).into_iter().map(|y| y as f32).collect();
        let difference = largest_difference(&y, &expected);
        assert!(difference <= 2e-5, "{dims:?} {shape:?}: {difference}");
    }
}

#[test]
fn not_a_number_in_gives_not_a_number_out() {
    let mut data = Data::new([2, 3, 8, 8, 4, 3]);
    data.x[5] = f32::NAN;
    let shape = ConvShape { stride: 1, enlarge: false };
    let (x, weight, bias) = data.tensors(&Device::flex());
    let y = values(conv2d(x, weight, bias, shape));
    let expected = oracle(&data, shape);
    assert!(expected.iter().any(|y| y.is_nan()));
    assert!(y.iter().zip(&expected).all(|(y, expected)| y.is_nan() == expected.is_nan()));
}
