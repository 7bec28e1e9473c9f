//! The labels that the discriminator sees: their sources, and the gate.

use burn::tensor::Tensor;

use super::stepper::Stepper;
use crate::config::{self, Mode, Unlabeled};
use crate::kernels::self_label::{PseudoLabel, SelfLabels, self_label};
use crate::train::inputs::{LatentBatch, RealBatch};
use crate::train::state::State;

/// Images with the labels that the discriminator sees.
#[derive(Debug, Clone)]
pub(super) struct Labelled {
    /// `[batch, channels, size, size]`.
    pub images: Tensor<4>,
    /// The labels, with a gate that is 1 if the discriminator sees the label.
    pub self_labels: SelfLabels,
    /// Weight in the discriminator's and the generator's losses, `[batch, 1]`.
    pub weight: Tensor<2>,
    /// 1 if the label is manual or the image passes the teacher's gate, in any mode, `[batch, 1]`.
    pub trusted: Tensor<2>,
}

impl Stepper<'_> {
    pub(super) fn label_real(&self, state: &State, real: &RealBatch, logits: Tensor<2>) -> Labelled {
        let labels = self.self_label(state, logits, real.allowed.clone(), real.known.clone());
        self.behind_gate(state.step, real.images.clone(), labels)
    }

    /// Generated images keep the labels of their latents. The same gate applies to them as to real images; otherwise
    /// the discriminator would see labels on easy real images alone, but on all generated ones.
    pub(super) fn label_generated(&self, state: &State, images: Tensor<4>, latents: &LatentBatch) -> Labelled {
        let logits = state.teacher.classifier.forward(images.clone());
        let all = logits.ones_like();
        let unknown = all.clone().slice([0..all.dims()[0], 0..1]).zeros_like();
        let labels = self.self_label(state, logits, all, unknown);
        self.behind_gate(state.step, images, SelfLabels { label_weights: latents.one_hot_labels.clone(), ..labels })
    }

    /// The prior that corrects the teacher's logits, if correction is on.
    pub(super) fn prior(&self, state: &State) -> Option<Tensor<2>> {
        self.config.classifier.prior_correction.then(|| state.teacher.prior())
    }

    fn self_label(&self, state: &State, logits: Tensor<2>, allowed: Tensor<2>, known: Tensor<2>) -> SelfLabels {
        let gate = &self.config.gate;
        let form = match gate.pseudo_label {
            config::PseudoLabel::Hard => PseudoLabel::Hard,
            config::PseudoLabel::Soft => PseudoLabel::Soft,
        };
        self_label(logits, self.prior(state), allowed, known, gate.tau, form)
    }

    /// Applies the mode, the warm-up, and the policy for images that do not pass the gate.
    fn behind_gate(&self, step: u64, images: Tensor<4>, labels: SelfLabels) -> Labelled {
        let ones = labels.gate.ones_like();
        let (gate, weight) = match self.config.mode {
            Mode::ClassConditional => (ones.clone(), ones),
            Mode::Unconditional => (ones.zeros_like(), ones),
            Mode::SelfLabel if step < self.config.gate.warm_up => (ones.zeros_like(), ones),
            Mode::SelfLabel => match self.config.gate.unlabeled {
                Unlabeled::Unconditional => (labels.gate.clone(), ones),
                Unlabeled::Drop => (labels.gate.clone(), labels.gate.clone()),
            },
        };
        let trusted = labels.gate;
        Labelled { images, self_labels: SelfLabels { gate, ..labels }, weight, trusted }
    }
}
