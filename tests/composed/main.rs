//! Compares every operation and its gradients with a composition of burn's operations, on the CPU and on an adapter.
//!
//! The checks compare with float64 in plain loops. This is a second, independent implementation, with burn's
//! derivatives.

#[path = "../adapter/mod.rs"]
mod adapter;
mod forms;
mod images;
mod labels;
mod optimizer;

use burn::tensor::{Device, Tensor, TensorData};
use slgan::rng::{Purpose, stream};

/// Tolerated difference as a fraction of the largest value: f32 sums of some thousand products, in another order.
const TOLERANCE: f32 = 2e-5;

/// The CPU, and an adapter if there is one.
fn devices() -> Vec<Device> {
    [Some(Device::flex()), adapter::first()].into_iter().flatten().collect()
}

/// Standard normal numbers; equal arguments give equal numbers.
fn draw<const D: usize>(number: u64, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values = stream(3, Purpose::Test, number).normals(shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

/// Compares lists of our results with the composition's.
#[track_caller]
fn agree(what: &str, ours: &[Vec<f32>], composed: &[Vec<f32>]) {
    assert_eq!(ours.len(), composed.len(), "{what}");
    for (number, (ours, composed)) in ours.iter().zip(composed).enumerate() {
        assert!(!ours.is_empty() && ours.len() == composed.len(), "{what}, result {number}");
        let scale = composed.iter().fold(1.0f32, |scale, x| scale.max(x.abs()));
        let worst = ours.iter().zip(composed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let finite = ours.iter().chain(composed).all(|x| x.is_finite());
        assert!(finite && worst <= TOLERANCE * scale, "{what}, result {number}: {worst} of {scale}");
    }
}

/// The output of an operation on tracked inputs, and the gradients of the inputs.
fn with_gradients<const N: usize, const D: usize, const E: usize>(
    inputs: [Tensor<D>; N],
    operation: impl FnOnce([Tensor<D>; N]) -> Tensor<E>,
) -> Vec<Vec<f32>> {
    let inputs = inputs.map(|input| input.autodiff().require_grad());
    let y = operation(inputs.clone());
    let weights = draw(99, y.dims(), &y.device().without_autodiff()).autodiff();
    let mut gradients = (y.clone() * weights).sum().backward();
    let of_inputs = inputs.map(|input| values(input.grad_remove(&mut gradients).expect("the input is tracked")));
    [vec![values(y)], of_inputs.into()].concat()
}
