//! Operations with hand-written gradients, as nodes of burn's graph.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend};

/// The backward pass of an operation with `N` inputs that burn may track.
pub trait BackwardPass<B: Backend, const N: usize>: Debug + Send + 'static {
    /// What the forward pass keeps for the backward pass.
    type Kept: Clone + Debug + Send + 'static;

    /// The gradients of the inputs, from the gradient of the output. An input that is not `wanted` needs none.
    fn gradients(kept: Self::Kept, gradient: FloatTensor<B>, wanted: [bool; N]) -> [Option<FloatTensor<B>>; N];
}

/// A backward pass as burn calls it.
#[derive(Debug)]
struct Step<P>(PhantomData<P>);

impl<B: Backend, P: BackwardPass<B, N>, const N: usize> Backward<B, N> for Step<P> {
    type State = P::Kept;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        for (node, gradient) in ops.parents.into_iter().zip(P::gradients(ops.state, gradient, wanted)) {
            if let (Some(node), Some(gradient)) = (node, gradient) {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}

/// An operation's output as a node of the graph. If an input is tracked, the node keeps `kept` for its backward pass
/// `P`.
pub fn record<P, B, C, const N: usize>(
    inputs: [NodeGuard; N],
    output: FloatTensor<B>,
    kept: P::Kept,
) -> FloatTensor<Autodiff<B, C>>
where
    P: BackwardPass<B, N>,
    B: Backend,
    C: CheckpointStrategy,
{
    match Step::<P>(PhantomData).prepare::<C>(inputs).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish(kept, output),
        OpsKind::UnTracked(prep) => prep.finish(output),
    }
}
