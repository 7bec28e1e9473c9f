//! The operations, composed of burn's operations.

use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Int, Tensor, TensorData, activation, module};
use slgan::kernels::conv2d::ConvShape;
use slgan::kernels::diff_augment::{Augmentation, Change};
use slgan::kernels::losses::weighted_mean;
use slgan::kernels::projection::Head;
use slgan::kernels::self_label::{PseudoLabel, SelfLabels, corrected};

/// Makes each pixel a square of 2x2.
pub fn enlarged(x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let nearest = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * height, 2 * width]);
    module::interpolate(x, nearest)
}

/// burn's bilinear interpolation to twice the size, which has no gradient on GPUs.
pub fn interpolated_bilinearly(x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let bilinear = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false);
    module::interpolate(x, bilinear.with_output_size([2 * height, 2 * width]))
}

/// Bilinear interpolation to twice the size, as products with matrices.
pub fn enlarged_bilinearly(x: Tensor<4>) -> Tensor<4> {
    let ([_, _, height, width], device) = (x.dims(), x.device().without_autodiff());
    let matrix = |side| enlarging_matrix(side, &device).autodiff();
    matrix(height).matmul(x).matmul(matrix(width).transpose())
}

/// A matrix `[1, 1, 2 side, side]`: each enlarged pixel gives less to a pixel the farther its middle is from there.
fn enlarging_matrix(side: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![0.0f32; 2 * side * side];
    for (row, values) in values.chunks_exact_mut(side).enumerate() {
        // Pixels beyond the border repeat the one at the border.
        for pixel in -1..=side as i32 {
            let distance = (row as f32 / 2.0 - 0.25 - pixel as f32).abs();
            values[pixel.clamp(0, side as i32 - 1) as usize] += (1.0 - distance).max(0.0);
        }
    }
    Tensor::from_data(TensorData::new(values, [1, 1, 2 * side, side]), device)
}

pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, shape: ConvShape) -> Tensor<4> {
    let padding = (weight.dims()[2] - 1) / 2;
    let x = if shape.enlarge { enlarged(x) } else { x };
    module::conv2d(x, weight, Some(bias), ConvOptions::new([shape.stride; 2], [padding; 2], [1, 1], 1))
}

pub fn batch_norm_relu(x: Tensor<4>, scale: Tensor<2>, shift: Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let ([_, channels, _, _], [rows, _]) = (x.dims(), scale.dims());
    let mean = channel_mean(x.clone());
    let centred = x - mean.clone();
    let variance = channel_mean(centred.clone().square());
    let gain = scale.reshape([rows, channels, 1, 1]) / (variance.clone() + 1e-5).sqrt();
    let y = activation::relu(centred * gain + shift.reshape([rows, channels, 1, 1]));
    (y, mean.reshape([channels]).without_autodiff(), variance.reshape([channels]).without_autodiff())
}

/// `[1, channels, 1, 1]`.
fn channel_mean(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).mean_dim(0).reshape([1, channels, 1, 1])
}

/// The left `[rows]` and right `[columns]` vectors after one iteration.
pub fn power_iteration(matrix: Tensor<2>, u: Tensor<1>) -> [Tensor<1>; 2] {
    let v = unit(matrix.clone().transpose().matmul(u.unsqueeze_dim(1)));
    let u = unit(matrix.matmul(v.clone()));
    [u, v].map(|column| column.squeeze_dim(1))
}

/// A column `[n, 1]` scaled to length 1.
fn unit(column: Tensor<2>) -> Tensor<2> {
    let norm = (column.clone() * column.clone()).sum_dim(0).sqrt();
    column / (norm + 1e-12)
}

pub fn spectral_norm(weight: Tensor<4>, u: Tensor<1>, v: Tensor<1>) -> Tensor<4> {
    let image = weight.clone().flatten::<2>(1, 3).matmul(v.unsqueeze_dim(1));
    let sigma: Tensor<1> = (image * u.unsqueeze_dim(1)).sum_dim(0).reshape([1]);
    weight / sigma.unsqueeze()
}

pub fn hinge_discriminator(scores: Tensor<2>, weights: Tensor<2>, real: usize) -> Tensor<1> {
    let generated = scores.dims()[0] - real;
    let part = |tensor: &Tensor<2>, first, count| tensor.clone().narrow(0, first, count);
    weighted_mean(activation::relu(-part(&scores, 0, real) + 1.0), part(&weights, 0, real))
        + weighted_mean(activation::relu(part(&scores, real, generated) + 1.0), part(&weights, real, generated))
}

pub fn hinge_generator(scores: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    -weighted_mean(scores, weights)
}

pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let log_total = log_sum_exp(logits.clone());
    let log_marked = log_sum_exp(logits + (targets - 1.0) * 1e9);
    (log_total - log_marked).mean_dim(0).reshape([1])
}

pub fn trusted_cross_entropy(logits: Tensor<2>, label_weights: Tensor<2>, trusted: Tensor<2>) -> Tensor<1> {
    let surprise = -(activation::log_softmax(logits, 1) * label_weights).sum_dim(1);
    (surprise * trusted).mean_dim(0).reshape([1])
}

pub fn projection(features: Tensor<2>, labels: Tensor<2>, gate: Tensor<2>, head: Head) -> Tensor<2> {
    let of_label = (features.clone() * labels.matmul(head.embedding)).sum_dim(1);
    (features * head.output).sum_dim(1) + head.bias.unsqueeze() + gate * of_label
}

/// `[batch, labels]` to `[batch, 1]`.
fn log_sum_exp(logits: Tensor<2>) -> Tensor<2> {
    let highest = logits.clone().detach().max_dim(1);
    (logits - highest.clone()).exp().sum_dim(1).log() + highest
}

pub fn self_label(
    logits: Tensor<2>,
    prior: Option<Tensor<2>>,
    allowed: Tensor<2>,
    known: Tensor<2>,
    tau: f64,
    form: PseudoLabel,
) -> SelfLabels {
    let [batch, count] = logits.dims();
    let logits = match prior {
        Some(prior) => corrected(logits, prior),
        None => logits,
    };
    let probabilities = activation::softmax(logits + (allowed - 1.0) * 1e9, 1);
    let (confidence, class) = probabilities.clone().max_dim_with_indices(1);
    let gate = confidence.clone().greater_equal_elem(tau).float().max_pair(known);
    let label_weights = match form {
        PseudoLabel::Hard => {
            let numbers = Tensor::<1, Int>::arange(0..count as i64, &probabilities.device());
            numbers.unsqueeze::<2>().expand([batch, count]).equal(class.expand([batch, count])).float()
        }
        PseudoLabel::Soft => probabilities,
    };
    SelfLabels { label_weights, gate, confidence }
}

/// The changes of an augmentation, one after the other, as products with matrices and masks.
pub fn diff_augment(augmentation: &Augmentation, images: Tensor<4>, changes_colors: bool) -> Tensor<4> {
    let ([_, _, size, _], changes) = (images.dims(), augmentation.changes());
    let device = images.device().without_autodiff();
    let column = |number: fn(&Change) -> f32| {
        let numbers: Vec<f32> = changes.iter().map(number).collect();
        Tensor::<4>::from_data(TensorData::new(numbers, [changes.len(), 1, 1, 1]), &device).autodiff()
    };
    let mut x = images;
    if changes_colors {
        x = x + column(|change| change.brightness);
        let grey = x.clone().mean_dim(1);
        x = (x - grey.clone()) * column(|change| change.saturation) + grey;
        let mean = x.clone().mean_dim(3).mean_dim(2).mean_dim(1);
        x = (x - mean.clone()) * column(|change| change.contrast) + mean;
    }
    let matrices = |shift: fn(&Change) -> i32| shift_matrices(changes, shift, size, &device).autodiff();
    let moved = matrices(|change| change.down).matmul(x).matmul(matrices(|change| change.right));
    moved * kept_pixels(changes, size, &device).autodiff()
}

/// Matrices `[batch, 1, size, size]` with ones beside the diagonal. They shift in 0, mid grey.
fn shift_matrices(changes: &[Change], shift: fn(&Change) -> i32, size: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![0.0f32; changes.len() * size * size];
    for (matrix, change) in values.chunks_exact_mut(size * size).zip(changes) {
        for row in 0..size as i32 {
            let column = row + shift(change);
            if (0..size as i32).contains(&column) {
                matrix[row as usize * size + column as usize] = 1.0;
            }
        }
    }
    Tensor::from_data(TensorData::new(values, [changes.len(), 1, size, size]), device)
}

/// Masks `[batch, 1, size, size]` that are 0 in the cut-out square.
fn kept_pixels(changes: &[Change], size: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![1.0f32; changes.len() * size * size];
    let span = |first: i32, side: i32| {
        let inside = |place: i32| place.clamp(0, size as i32) as usize;
        inside(first)..inside(first + side)
    };
    for (mask, change) in values.chunks_exact_mut(size * size).zip(changes) {
        for row in span(change.top, change.side) {
            mask[row * size..][span(change.left, change.side)].fill(0.0);
        }
    }
    Tensor::from_data(TensorData::new(values, [changes.len(), 1, size, size]), device)
}
