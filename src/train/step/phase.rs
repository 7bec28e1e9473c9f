//! What a phase of a step gives before anything is applied.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::parameters::{self, Named};

/// The gradients of one phase, which may be reduced over devices before they are applied.
#[derive(Debug, Clone)]
pub struct PhaseGradients {
    /// Gradients of those parameters that have one, flat and by name.
    pub gradients: Named,
    /// The loss, `[1]`.
    pub loss: Tensor<1>,
}

impl PhaseGradients {
    /// Runs the backward pass of `loss`; `network` is the tracked one that is trained by it.
    pub(super) fn of<M: Module>(network: &M, loss: Tensor<1>) -> Self {
        let mut gradients = loss.backward();
        Self { gradients: parameters::gradients(network, &mut gradients), loss: loss.without_autodiff() }
    }
}
