//! The result of a phase before it is applied.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::nn::parameters::{self, Named};

/// The gradients of one phase. A caller may reduce them over devices before it applies them.
#[derive(Debug, Clone)]
pub struct PhaseGradients {
    /// Gradients of the parameters that have one, flat, by name.
    pub gradients: Named,
    /// The loss, `[1]`.
    pub loss: Tensor<1>,
}

impl PhaseGradients {
    /// Runs the backward pass of `loss`; `network` is the tracked network to train.
    pub(super) fn of<M: Module>(network: &M, loss: Tensor<1>) -> Self {
        let mut gradients = loss.backward();
        Self { gradients: parameters::gradients(network, &mut gradients), loss: loss.without_autodiff() }
    }
}
