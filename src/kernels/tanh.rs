//! The hyperbolic tangent.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Tensor, activation};

use super::stock;

/// The hyperbolic tangent of every element.
pub fn tanh(x: Tensor<4>) -> Tensor<4> {
    if stock::is_chosen() {
        return activation::tanh(x);
    }
    Tensor::from_dispatch(<Dispatch as TanhOps>::bounded(x.into_dispatch()))
}

/// The hyperbolic tangent, and with it its gradient, in one pass each.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait TanhOps: Backend {
    /// [`tanh`].
    fn bounded(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait TanhGradients: Backend {
    /// The gradient of the input, from the output and the gradient of the output.
    fn bounded_gradient(y: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct TanhBackward;

impl<B: TanhOps + TanhGradients> Backward<B, 1> for TanhBackward {
    /// The output.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        if let [Some(node)] = ops.parents {
            grads.register::<B>(node.id, B::bounded_gradient(ops.state, gradient));
        }
    }
}

impl<B: TanhOps + TanhGradients, C: CheckpointStrategy> TanhOps for Autodiff<B, C> {
    fn bounded(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let node = x.node();
        let y = B::bounded(x.into_primitive());
        match TanhBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(y.clone(), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
