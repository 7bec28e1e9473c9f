//! Self-labelling on the CPU, image by image.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::softmax::{excluded_unless, softmax};
use crate::kernels::host::strict::settle;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::self_label::{Labelled, Options, SMALLEST_PRIOR, SelfLabelOps, strict};

impl SelfLabelOps for Flex {
    fn self_label(
        logits: FlexTensor,
        prior: FlexTensor,
        marks: FlexTensor,
        known: FlexTensor,
        options: Options,
        launch: Launch,
    ) -> Labelled<Self> {
        let [batch, count] = logits.layout().shape().dims();
        let [logits, prior, marks, known] = [logits, prior, marks, known].map(contiguous);
        let (marks, known) = (elements(&marks), elements(&known));
        let log_of_prior = if launch.is_strict() { strict::log_of_prior } else { log_of_prior };
        let corrections = if options.has_prior { log_of_prior(elements(&prior)) } else { vec![0.0; count] };
        let mut labels = Vec::with_capacity(options.rows * count);
        let (mut gate, mut confidence) = (Vec::with_capacity(batch), Vec::with_capacity(batch));
        for (image, logits) in elements(&logits).chunks_exact(count).enumerate() {
            let first = labels.len();
            let allowed = (image < options.real).then(|| &marks[first..first + count]);
            probabilities(logits, &corrections, allowed, &mut labels, launch);
            let row = &mut labels[first..];
            let best = first_of_highest(row);
            confidence.push(row[best]);
            let otherwise = if image < options.known { known[image] } else { 0.0 };
            gate.push(if row[best] >= options.tau { 1.0 } else { otherwise });
            if !options.is_soft {
                row.fill(0.0);
                row[best] = 1.0;
            } else if launch.is_strict() {
                settle(row);
            }
        }
        labels.truncate(options.pseudo * count);
        if options.pseudo < options.rows {
            labels.extend_from_slice(&marks[options.pseudo * count..]);
        }
        let column = |values| tensor(values, [batch, 1]);
        let label_weights = tensor(labels, [options.rows, count]);
        Labelled { label_weights, gate: column(gate), confidence: column(confidence) }
    }
}

/// Appends an image's probabilities to `out`: over the labels that are allowed, or over all.
fn probabilities(logits: &[f32], corrections: &[f32], allowed: Option<&[f32]>, out: &mut Vec<f32>, launch: Launch) {
    let corrected = logits.iter().zip(corrections).map(|(logit, correction)| logit - correction);
    let corrected: Vec<f32> = match allowed {
        Some(allowed) => corrected.zip(allowed).map(|(logit, allowed)| excluded_unless(*allowed, logit)).collect(),
        None => corrected.collect(),
    };
    if launch.is_strict() {
        strict::softmax(corrected.iter().copied(), out);
    } else {
        softmax(corrected.iter().copied(), out);
    }
}

/// The log of a prior, to subtract from logits. Written so that NaN stays NaN.
fn log_of_prior(prior: &[f32]) -> Vec<f32> {
    prior.iter().map(|&p| libm::logf(if p < SMALLEST_PRIOR { SMALLEST_PRIOR } else { p })).collect()
}

/// The index of the first of the highest numbers; 0 if they are NaN.
fn first_of_highest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}
