//! The labels that the discriminator sees: their sources, and the gate.

use burn::tensor::Tensor;

use super::stepper::Stepper;
use crate::config::{self, Mode, Unlabeled};
use crate::kernels::self_label::{PseudoLabel, SelfLabels, label_rows_with};
use crate::train::inputs::TableLabels;
use crate::train::state::State;

/// Real images, as many generated ones, and any images of the classifier's own, with their labels.
#[derive(Debug, Clone)]
pub(super) struct Labelled {
    /// `[images, channels, size, size]`.
    pub images: Tensor<4>,
    /// The teacher's labels of real images, those of the latents of generated ones, and those of the classifier's own
    /// images, `[images, labels]`. The discriminator sees them, unless there is a label table.
    pub label_weights: Tensor<2>,
    /// What it sees beside a label table, `[2 batch, labels]`.
    pub table_labels: Option<Tensor<2>>,
    /// The weight of the label in the discriminator's score, for real and generated images, `[2 batch, 1]`: 1 if it sees
    /// the label, less while a label table is new.
    pub gate: Tensor<2>,
    /// Weight in the discriminator's and the generator's losses, `[2 batch, 1]`.
    pub weight: Tensor<2>,
    /// 1 if the label is manual, or stands in for one, or the image passes the teacher's gate, in any mode, `[2 batch,
    /// 1]`.
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
        let labels = self.visible_labels().clone().narrow(0, 0, both);
        (self.images.clone().narrow(0, 0, both), labels, self.gate.clone())
    }

    /// Label weights `[images, labels]` as the discriminator and the classifier see them.
    pub fn seen(&self) -> Tensor<2> {
        let (both, images) = (2 * self.batch(), self.images.dims()[0]);
        match &self.table_labels {
            None => self.label_weights.clone(),
            Some(labels) if images == both => labels.clone(),
            Some(labels) => {
                let own = self.label_weights.clone().narrow(0, both, images - both);
                Tensor::cat(vec![labels.clone(), own], 0)
            }
        }
    }

    /// The labels of the latents of the generated images, whatever the discriminator sees; none if it sees them.
    pub fn hidden_latent_labels(&self) -> Option<Tensor<2>> {
        let batch = self.batch();
        self.table_labels.as_ref().map(|_| self.label_weights.clone().narrow(0, batch, batch))
    }

    /// Labels with at least `2 batch` rows, as the discriminator sees them.
    fn visible_labels(&self) -> &Tensor<2> {
        self.table_labels.as_ref().unwrap_or(&self.label_weights)
    }

    /// Label weights, gates and weights of the real images.
    pub fn real(&self) -> [Tensor<2>; 3] {
        self.part(0)
    }

    /// Label weights, gates and weights of the generated images.
    pub fn generated(&self) -> [Tensor<2>; 3] {
        self.part(self.batch())
    }

    fn by_table(images: Tensor<4>, labels: SelfLabels, table: TableLabels) -> Self {
        let SelfLabels { label_weights, gate: trusted, .. } = labels;
        let TableLabels { labels, gate, weight } = table;
        Self { images, label_weights, table_labels: Some(labels), gate, weight, trusted }
    }

    /// The sums of the weights of real and of generated images, `[2]`.
    pub fn totals(&self) -> Tensor<1> {
        self.weight.clone().reshape([2, self.batch()]).sum_dim(1).flatten(0, 1)
    }

    fn part(&self, first: usize) -> [Tensor<2>; 3] {
        [self.visible_labels(), &self.gate, &self.weight].map(|tensor| tensor.clone().narrow(0, first, self.batch()))
    }
}

impl Stepper<'_> {
    /// Labels a batch, and returns the teacher's uncorrected logits `[batch, labels]` of the real images.
    ///
    /// Generated images keep the labels of their latents. The same gate applies to them as to real images; otherwise
    /// the discriminator would see labels on easy real images alone, but on all generated ones. Images that are
    /// `known` pass in any case. With a label table, the discriminator sees `table_labels` instead, and the classifier the
    /// teacher's labels as before.
    pub(super) fn label(
        &self,
        state: &State,
        images: Tensor<4>,
        [marks, known]: [Tensor<2>; 2],
        batch: usize,
        table_labels: Option<TableLabels>,
    ) -> (Labelled, Tensor<2>) {
        let logits = state.teacher.classifier.forward(images.clone().narrow(0, 0, 2 * batch));
        let gate = &self.config.gate;
        let form = match gate.pseudo_label {
            config::PseudoLabel::Hard => PseudoLabel::Hard,
            config::PseudoLabel::Soft => PseudoLabel::Soft,
        };
        let matched = (known.dims()[0] == 2 * batch).then(|| known.clone());
        let (prior, launch) = (self.prior(state), state.launch());
        let labels = label_rows_with(logits.clone(), prior, [marks, known], batch, gate.tau, form, launch);
        let labelled = match table_labels {
            Some(table) => Labelled::by_table(images, labels, table),
            None => self.behind_gate(state.step, images, labels, matched),
        };
        (labelled, logits.narrow(0, 0, batch))
    }

    /// The prior that corrects the teacher's logits, if correction is on.
    pub(super) fn prior(&self, state: &State) -> Option<Tensor<2>> {
        self.config.classifier.prior_correction.then(|| state.teacher.prior())
    }

    /// Whether the losses of a step leave out images that do not pass the gate.
    pub(super) fn drops_images(&self, step: u64) -> bool {
        let gate = &self.config.gate;
        self.config.mode == Mode::SelfLabel && step >= self.config.labels_from() && gate.unlabeled == Unlabeled::Drop
    }

    /// Applies the mode, the warm-up, and the policy for images that do not pass the gate.
    fn behind_gate(&self, step: u64, images: Tensor<4>, labels: SelfLabels, matched: Option<Tensor<2>>) -> Labelled {
        let SelfLabels { label_weights, gate: trusted, .. } = labels;
        let count = trusted.dims()[0];
        let (ones, zeros) = (self.inputs.ones(count), self.inputs.zeros(count));
        let (gate, weight) = match self.config.mode {
            Mode::ClassConditional => (ones.clone(), ones),
            Mode::Unconditional => (zeros, ones),
            Mode::SelfLabel if step < self.config.labels_from() => (matched.unwrap_or(zeros), ones),
            Mode::SelfLabel => match self.config.gate.unlabeled {
                Unlabeled::Unconditional => (trusted.clone(), ones),
                Unlabeled::Drop => (trusted.clone(), trusted.clone()),
            },
        };
        Labelled { images, label_weights, table_labels: None, gate, weight, trusted }
    }
}
