//! The sum of an image and an enlarged one, as at the end of a block that doubles the size.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Tensor, module};

use super::stock;

/// `h` `[batch, channels, 2 height, 2 width]` plus `s` `[batch, channels, height, width]` with each pixel a 2x2 square.
pub fn add_enlarged(h: Tensor<4>, s: Tensor<4>) -> Tensor<4> {
    if stock::is_chosen() {
        let [_, _, height, width] = h.dims();
        let nearest = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([height, width]);
        return h + module::interpolate(s, nearest);
    }
    Tensor::from_dispatch(<Dispatch as AddEnlargedOps>::add_enlarged(h.into_dispatch(), s.into_dispatch()))
}

/// The sum on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait AddEnlargedOps: Backend {
    /// [`add_enlarged`].
    fn add_enlarged(h: FloatTensor<Self>, s: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// Its gradient.
pub trait AddEnlargedGradients: Backend {
    /// The gradient of what was enlarged, from that of the sum; that of the other summand is the latter itself.
    fn enlarged_gradient(gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct AddEnlargedBackward;

impl<B: AddEnlargedOps + AddEnlargedGradients> Backward<B, 2> for AddEnlargedBackward {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [h_node, s_node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = s_node {
            grads.register::<B>(node.id, B::enlarged_gradient(gradient.clone()));
        }
        if let Some(node) = h_node {
            grads.register::<B>(node.id, gradient);
        }
    }
}

impl<B: AddEnlargedOps + AddEnlargedGradients, C: CheckpointStrategy> AddEnlargedOps for Autodiff<B, C> {
    fn add_enlarged(h: FloatTensor<Self>, s: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [h.node(), s.node()];
        let sum = B::add_enlarged(h.into_primitive(), s.into_primitive());
        match AddEnlargedBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), sum),
            OpsKind::UnTracked(prep) => prep.finish(sum),
        }
    }
}
