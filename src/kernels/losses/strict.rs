//! Losses in strict arithmetic: the sums of `losses_hinge.wgsl` and `losses_cross_entropy.wgsl`, in their order.

use crate::kernels::host::softmax::excluded_unless;
use crate::kernels::host::strict::{log_of, power, settled, strided_sum};
use crate::kernels::losses::{Counts, Hinge, SMALLEST_TOTAL};

/// Invocations, and those that add up the others' sums.
const THREADS: usize = 64;
const PARTS: usize = 8;

/// The hinge loss and the gradient of the scores.
pub fn hinge(scores: &[f32], weights: &[f32], kind: Hinge) -> (f32, Vec<f32>) {
    let real = if let Hinge::Discriminator { real } = kind { real } else { 0 };
    let is_generator = kind == Hinge::Generator;
    let slope = |image: usize| if is_generator || image < real { -1.0 } else { 1.0 };
    let margin = |image: usize| slope(image) * scores[image] + 1.0;
    let weighted = |image: usize| {
        let cut = if margin(image) < 0.0 { 0.0 } else { margin(image) };
        weights[image] * if is_generator { -scores[image] } else { cut }
    };
    // The sum over the images of a kind; those of the other kind add 0.
    let sum = |is_real: bool, value: &dyn Fn(usize) -> f32| {
        let of_kind = |image: usize| if (image < real) == is_real { value(image) } else { 0.0 };
        strided_sum::<THREADS>(&(0..scores.len()).map(of_kind).collect::<Vec<f32>>(), PARTS)
    };
    let total = |is_real: bool| {
        let total = sum(is_real, &|image| weights[image]);
        if total < SMALLEST_TOTAL { SMALLEST_TOTAL } else { total }
    };
    let totals = [total(true), total(false)];
    let loss = sum(true, &weighted) / totals[0] + sum(false, &weighted) / totals[1];
    let gradient = (0..scores.len()).map(|image| {
        let slope = if !is_generator && margin(image) <= 0.0 { 0.0 } else { slope(image) };
        settled(slope * weights[image] / if image < real { totals[0] } else { totals[1] })
    });
    (loss, gradient.collect())
}

/// The cross-entropy and the gradient of the logits.
pub fn cross_entropy(
    logits: &[f32],
    targets: &[f32],
    trusted: &[f32],
    counts: Counts,
    labels: usize,
) -> (f32, Vec<f32>) {
    let Counts { weighed, first, second } = counts;
    let mut gradient = Vec::with_capacity(logits.len());
    let mut losses = Vec::with_capacity(logits.len() / labels);
    let rows = logits.chunks_exact(labels).zip(targets.chunks_exact(labels));
    for (image, (logits, targets)) in rows.enumerate() {
        losses.push(if image < weighed.images {
            surprise(logits, targets, [trusted[image], weighed.factor], &mut gradient)
        } else {
            let factor = if image < weighed.images + first.images { first.factor } else { second.factor };
            set_surprise(logits, targets, factor, &mut gradient)
        });
    }
    (strided_sum::<THREADS>(&losses, PARTS), gradient)
}

/// The highest of some numbers, and the sum of their exponentials relative to it.
fn total(logits: impl Iterator<Item = f32> + Clone) -> [f32; 2] {
    let highest = logits.clone().reduce(|highest, logit| if logit > highest { logit } else { highest });
    let highest = highest.unwrap_or_default();
    [highest, logits.fold(0.0_f32, |total, logit| total + power(logit - highest))]
}

/// Minus the weighted sum of the log probabilities, times trust and a factor; appends its gradient.
fn surprise(logits: &[f32], targets: &[f32], [trust, factor]: [f32; 2], gradient: &mut Vec<f32>) -> f32 {
    let [highest, total] = total(logits.iter().copied());
    let weight = targets.iter().fold(0.0_f32, |weight, target| weight + target);
    let log_total = log_of(total);
    let mut surprise = 0.0;
    for (logit, target) in logits.iter().zip(targets) {
        let difference = logit - highest;
        surprise -= (difference - log_total) * target;
        let likely = power(difference) / total * weight;
        gradient.push(settled((likely - target) * trust * factor));
    }
    surprise * trust * factor
}

/// Minus the log of the probability of the marked labels, times a factor; appends its gradient.
fn set_surprise(logits: &[f32], marks: &[f32], factor: f32, gradient: &mut Vec<f32>) -> f32 {
    let marked = logits.iter().zip(marks).map(|(logit, mark)| excluded_unless(*mark, *logit));
    let [highest, all] = total(logits.iter().copied());
    let [highest_marked, all_marked] = total(marked.clone());
    for (logit, marked) in logits.iter().zip(marked) {
        let probabilities = [power(logit - highest) / all, power(marked - highest_marked) / all_marked];
        gradient.push(settled((probabilities[0] - probabilities[1]) * factor));
    }
    ((log_of(all) + highest) - (log_of(all_marked) + highest_marked)) * factor
}
