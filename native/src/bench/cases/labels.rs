//! Self-labelling, and the losses. Our losses also compute their gradients, so these cases time both passes.

use slgan::kernels::losses::{cross_entropy, hinge_discriminator};
use slgan::kernels::self_label::{PseudoLabel, self_label};
use slgan_stock::{labelling, losses};

use super::bench::{Bench, Case, LABELS, forward, lifted};

const TAU: f64 = 0.9;

impl Bench {
    pub fn labels(&self) -> Vec<Case> {
        vec![self.self_label(), self.cross_entropy(), self.hinge_loss()]
    }

    fn self_label(&self) -> Case {
        let shape = [self.batch, LABELS];
        let count = self.batch * LABELS;
        let logits = self.draw(shape);
        let allowed = logits.ones_like();
        let known = allowed.clone().narrow(1, 0, 1).zeros_like();
        let prior = allowed.clone().narrow(0, 0, 1) * 0.1;
        let inputs = move || (logits.clone(), prior.clone(), allowed.clone(), known.clone());
        let given = inputs.clone();
        let ours = move || {
            let (logits, prior, allowed, known) = given();
            self_label(logits, Some(prior), allowed, known, TAU, PseudoLabel::Hard)
        };
        let stock = move || {
            let (logits, prior, allowed, known) = inputs();
            labelling::self_label(labelling::corrected(logits, prior), allowed, known, TAU)
        };
        self.case("self_label", shape, [10 * count, 3 * count], forward(ours), forward(stock))
    }

    fn cross_entropy(&self) -> Case {
        let shape = [self.batch, LABELS];
        let count = self.batch * LABELS;
        let logits = self.draw(shape);
        let targets = logits.ones_like();
        let (stock_logits, stock_targets) = (logits.clone(), targets.clone());
        let ours = move || cross_entropy(lifted(&logits, true), lifted(&targets, false)).backward();
        let stock =
            move || losses::cross_entropy(lifted(&stock_logits, true), lifted(&stock_targets, false)).backward();
        self.case("losses_cross_entropy", shape, [20 * count, 3 * count], forward(ours), forward(stock))
    }

    fn hinge_loss(&self) -> Case {
        let half = self.batch;
        let scores = self.draw([2 * half, 1]);
        let (weights, stock_scores) = (scores.ones_like(), scores.clone());
        let ours = move || hinge_discriminator(lifted(&scores, true), lifted(&weights, false), half).backward();
        let stock = move || losses::hinge_discriminator(lifted(&stock_scores, true)).backward();
        self.case("losses_hinge", [2 * half], [6 * half, 6 * half], forward(ours), forward(stock))
    }
}
