//! The CPU's batch normalisation against the composition of stock operations, forward and backward.

use burn::tensor::{Device, Tensor, TensorData};

use super::{composed, fused};
use crate::rng::{Purpose, stream};

type Norm = fn(Tensor<4>, Tensor<2>, Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>);

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Output, statistics and gradients of one implementation on random numbers.
fn results(norm: Norm, dims: [usize; 4], rows: usize) -> Vec<Vec<f32>> {
    let device = Device::flex().autodiff();
    let draw = |step, count| stream(2, Purpose::Test, step).normals(count);
    let four = |step| Tensor::<4>::from_data(TensorData::new(draw(step, dims.iter().product()), dims), &device);
    let two = |step| Tensor::<2>::from_data(TensorData::new(draw(step, rows * dims[1]), [rows, dims[1]]), &device);
    let (x, scale, shift) = (four(0).require_grad(), two(1).require_grad(), two(2).require_grad());
    let (y, mean, variance) = norm(x.clone() * 3.0 + 1.0, scale.clone(), shift.clone());
    let mut gradients = (y.clone() * four(3)).sum().backward();
    let x_gradient = x.grad_remove(&mut gradients).expect("x is tracked");
    let scale_gradient = scale.grad_remove(&mut gradients).expect("scale is tracked");
    let shift_gradient = shift.grad_remove(&mut gradients).expect("shift is tracked");
    vec![values(y), values(mean), values(variance), values(x_gradient), values(scale_gradient), values(shift_gradient)]
}

#[test]
fn the_cpu_agrees_with_the_composition() {
    for (dims, rows) in
        [([2, 1, 1, 1], 1), ([4, 3, 5, 7], 1), ([4, 3, 5, 7], 4), ([64, 16, 8, 8], 1), ([3, 17, 1, 33], 3)]
    {
        let (ours, theirs) = (results(fused, dims, rows), results(composed, dims, rows));
        for (what, (ours, theirs)) in
            ["y", "mean", "variance", "dx", "dscale", "dshift"].iter().zip(ours.iter().zip(&theirs))
        {
            assert_eq!(ours.len(), theirs.len());
            let scale = theirs.iter().fold(1.0f32, |scale, x| scale.max(x.abs()));
            let difference = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(difference <= 2e-5 * scale, "{dims:?} rows {rows} {what}: {difference} of {scale}");
        }
    }
}

#[test]
fn not_a_number_stays_in_its_channel() {
    let device = Device::flex();
    let mut x = stream(3, Purpose::Test, 0).normals(2 * 3 * 4);
    x[5] = f32::NAN;
    let x = Tensor::<4>::from_data(TensorData::new(x, [2, 3, 2, 2]), &device);
    let (y, mean, _) = fused(x, Tensor::ones([1, 3], &device), Tensor::zeros([1, 3], &device));
    assert_eq!(values(mean).iter().map(|x| x.is_nan()).collect::<Vec<_>>(), [false, true, false]);
    for (index, y) in values(y).iter().enumerate() {
        assert_eq!(y.is_nan(), index / 4 % 3 == 1, "element {index}");
    }
}
