//! Probabilities in strict arithmetic, as `self_label.wgsl` computes them.

use crate::kernels::host::strict::{log_of, power};
use crate::kernels::self_label::SMALLEST_PRIOR;

/// Appends the probabilities of logits to `out`.
pub fn softmax(logits: impl Iterator<Item = f32> + Clone, out: &mut Vec<f32>) {
    let highest = logits.clone().reduce(|highest, logit| if logit > highest { logit } else { highest });
    let first = out.len();
    out.extend(logits.map(|logit| power(logit - highest.unwrap_or_default())));
    let total = out[first..].iter().fold(0.0_f32, |total, x| total + x);
    out[first..].iter_mut().for_each(|x| *x /= total);
}

/// The log of a prior, to subtract from logits. Written so that NaN stays NaN.
pub fn log_of_prior(prior: &[f32]) -> Vec<f32> {
    prior.iter().map(|&p| log_of(if p < SMALLEST_PRIOR { SMALLEST_PRIOR } else { p })).collect()
}
