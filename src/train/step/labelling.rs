//! The labels that the discriminator sees: their sources, and the gate.

use burn::tensor::Tensor;

use super::stepper::Stepper;
use crate::config::{self, Mode, Unlabeled};
use crate::kernels::self_label::{PseudoLabel, SelfLabels, label_rows};
use crate::train::state::State;

/// Real images, as many generated ones, and any images of the classifier's own, with their labels.
#[derive(Debug, Clone)]
pub(super) struct Labelled {
    /// `[images, channels, size, size]`.
    pub images: Tensor<4>,
    /// The labels that the discriminator sees, and those of the classifier's own images, `[images, labels]`.
    pub label_weights: Tensor<2>,
    /// 1 if the discriminator sees the label, for real and generated images, `[2 batch, 1]`.
    pub gate: Tensor<2>,
    /// Weight in the discriminator's and the generator's losses, `[2 batch, 1]`.
    pub weight: Tensor<2>,
    /// 1 if the label is manual or the image passes the teacher's gate, in any mode, `[2 batch, 1]`.
    pub trusted: Tensor<2>,
}

impl Labelled {
    /// The number of real images.
    pub fn batch(&self) -> usize {
        self.gate.dims()[0] / 2
    }

    /// Images `[2 batch, channels, size, size]`, label weights and gates of real images and then of generated ones.
    pub fn both(&self) -> (Tensor<4>, Tensor<2>, Tensor<2>) {
        let both = 2 * self.batch();
        (self.images.clone().narrow(0, 0, both), self.label_weights.clone().narrow(0, 0, both), self.gate.clone())
    }

    /// Label weights, gates and weights of the real images.
    pub fn real(&self) -> [Tensor<2>; 3] {
        self.part(0)
    }

    /// Label weights, gates and weights of the generated images.
    pub fn generated(&self) -> [Tensor<2>; 3] {
        self.part(self.batch())
    }

    fn part(&self, first: usize) -> [Tensor<2>; 3] {
        [&self.label_weights, &self.gate, &self.weight].map(|tensor| tensor.clone().narrow(0, first, self.batch()))
    }
}

impl Stepper<'_> {
    /// Labels a batch, and returns the teacher's uncorrected logits `[batch, labels]` of the real images.
    ///
    /// Generated images keep the labels of their latents. The same gate applies to them as to real images; otherwise
    /// the discriminator would see labels on easy real images alone, but on all generated ones.
    pub(super) fn label(
        &self,
        state: &State,
        images: Tensor<4>,
        marks: Tensor<2>,
        known: Tensor<2>,
    ) -> (Labelled, Tensor<2>) {
        let batch = known.dims()[0];
        let logits = state.teacher.classifier.forward(images.clone().narrow(0, 0, 2 * batch));
        let gate = &self.config.gate;
        let form = match gate.pseudo_label {
            config::PseudoLabel::Hard => PseudoLabel::Hard,
            config::PseudoLabel::Soft => PseudoLabel::Soft,
        };
        let labels = label_rows(logits.clone(), self.prior(state), marks, known, gate.tau, form);
        (self.behind_gate(state.step, images, labels), logits.narrow(0, 0, batch))
    }

    /// The prior that corrects the teacher's logits, if correction is on.
    pub(super) fn prior(&self, state: &State) -> Option<Tensor<2>> {
        self.config.classifier.prior_correction.then(|| state.teacher.prior())
    }

    /// Applies the mode, the warm-up, and the policy for images that do not pass the gate.
    fn behind_gate(&self, step: u64, images: Tensor<4>, labels: SelfLabels) -> Labelled {
        let (ones, zeros) = (self.inputs.ones(), self.inputs.zeros());
        let SelfLabels { label_weights, gate: trusted, .. } = labels;
        let (gate, weight) = match self.config.mode {
            Mode::ClassConditional => (ones.clone(), ones),
            Mode::Unconditional => (zeros, ones),
            Mode::SelfLabel if step < self.config.gate.warm_up => (zeros, ones),
            Mode::SelfLabel => match self.config.gate.unlabeled {
                Unlabeled::Unconditional => (trusted.clone(), ones),
                Unlabeled::Drop => (trusted.clone(), trusted.clone()),
            },
        };
        Labelled { images, label_weights, gate, weight, trusted }
    }
}
