//! Leaky ReLU.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Tensor, activation};

use super::stock;

/// Slope below 0.
pub const SLOPE: f32 = 0.2;

/// `x` where it is positive, [`SLOPE`] times `x` elsewhere.
pub fn leaky_relu(x: Tensor<4>) -> Tensor<4> {
    if stock::is_chosen() {
        return activation::leaky_relu(x, f64::from(SLOPE));
    }
    Tensor::from_dispatch(<Dispatch as LeakyReluOps>::leak(x.into_dispatch()))
}

/// Leaky ReLU on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait LeakyReluOps: Backend {
    /// [`leaky_relu`].
    fn leak(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait LeakyReluGradients: Backend {
    /// The gradient of the input, from the input and the gradient of the output.
    fn leak_gradient(x: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct LeakBackward;

impl<B: LeakyReluOps + LeakyReluGradients> Backward<B, 1> for LeakBackward {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        if let [Some(node)] = ops.parents {
            grads.register::<B>(node.id, B::leak_gradient(ops.state, gradient));
        }
    }
}

impl<B: LeakyReluOps + LeakyReluGradients, C: CheckpointStrategy> LeakyReluOps for Autodiff<B, C> {
    fn leak(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let state = x.primitive().clone();
        match LeakBackward.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(state, B::leak(x.into_primitive())),
            OpsKind::UnTracked(prep) => prep.finish(B::leak(x.into_primitive())),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn the_cpu_agrees_with_the_stock_operation() {
        let device = Device::flex().autodiff();
        let values: Vec<f32> = (0..5_000).map(|i| (i as f32 - 2_500.0) / 100.0).collect();
        let results = [leaky_relu, |x| activation::leaky_relu(x, f64::from(SLOPE))].map(|leaky: fn(_) -> _| {
            let data = TensorData::new(values.clone(), [5, 10, 10, 10]);
            let x = Tensor::<4>::from_data(data, &device).require_grad();
            let y = leaky(x.clone());
            let mut gradients = (y.clone() * x.clone().detach()).sum().backward();
            let gradient = x.grad_remove(&mut gradients).expect("x is tracked");
            (y.into_data(), gradient.into_data())
        });
        let [(y, gradient), (expected_y, expected_gradient)] = results;
        y.assert_eq(&expected_y, true);
        // The slope at 0 is a convention; elsewhere the two agree.
        let pairs = gradient.iter::<f32>().zip(expected_gradient.iter::<f32>());
        assert!(pairs.enumerate().all(|(i, (a, b))| i == 2_500 || a == b));
    }
}
