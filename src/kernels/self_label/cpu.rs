//! Self-labelling on the CPU, image by image.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::softmax::{excluded_unless, softmax};
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::self_label::{Labelled, Options, SMALLEST_PRIOR, SelfLabelOps};

impl SelfLabelOps for Flex {
    fn self_label(
        logits: FlexTensor,
        prior: FlexTensor,
        allowed: FlexTensor,
        known: FlexTensor,
        Options { tau, has_prior, is_soft }: Options,
        _launch: Launch,
    ) -> Labelled<Self> {
        let [batch, count] = logits.layout().shape().dims();
        let [logits, prior, allowed, known] = [logits, prior, allowed, known].map(contiguous);
        let corrections = if has_prior { log_of_prior(elements(&prior)) } else { vec![0.0; count] };
        let rows = elements(&logits).chunks_exact(count).zip(elements(&allowed).chunks_exact(count));
        let mut labels = Vec::with_capacity(batch * count);
        let (mut gate, mut confidence) = (Vec::with_capacity(batch), Vec::with_capacity(batch));
        for ((logits, allowed), known) in rows.zip(elements(&known)) {
            let first = labels.len();
            let corrected = logits.iter().zip(&corrections).map(|(logit, correction)| logit - correction);
            softmax(corrected.zip(allowed).map(|(logit, allowed)| excluded_unless(*allowed, logit)), &mut labels);
            let row = &mut labels[first..];
            let best = first_of_highest(row);
            confidence.push(row[best]);
            gate.push(if row[best] >= tau { 1.0 } else { *known });
            if !is_soft {
                row.fill(0.0);
                row[best] = 1.0;
            }
        }
        let column = |values| tensor(values, [batch, 1]);
        Labelled { label_weights: tensor(labels, [batch, count]), gate: column(gate), confidence: column(confidence) }
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
