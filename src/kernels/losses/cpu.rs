//! Losses on the CPU, image by image in order. Each returns the loss `[1]` and the gradient of its first argument.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::softmax::{excluded_unless, softmax};
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::losses::{Counts, Hinge, LossGradients, LossOps, SMALLEST_TOTAL, strict};

impl LossOps for Flex {
    fn hinge_loss(scores: FlexTensor, weights: FlexTensor, kind: Hinge, launch: Launch) -> FlexTensor {
        let [loss, _] = Self::hinge_loss_with_gradient(scores, weights, kind, launch);
        loss
    }

    fn cross_entropy(
        logits: FlexTensor,
        targets: FlexTensor,
        trusted: FlexTensor,
        counts: Counts,
        launch: Launch,
    ) -> FlexTensor {
        let [loss, _] = Self::cross_entropy_with_gradient(logits, targets, trusted, counts, launch);
        loss
    }
}

impl LossGradients for Flex {
    /// # Panics
    /// If there are fewer than `real` scores.
    fn hinge_loss_with_gradient(
        scores: FlexTensor,
        weights: FlexTensor,
        kind: Hinge,
        launch: Launch,
    ) -> [FlexTensor; 2] {
        let shape = scores.layout().shape().clone();
        let [scores, weights] = [scores, weights].map(contiguous);
        let (scores, weights) = (elements(&scores), elements(&weights));
        if launch.is_strict() {
            let (loss, gradient) = strict::hinge(scores, weights, kind);
            return [tensor(vec![loss], [1]), tensor(gradient, shape)];
        }
        let mut gradient = Vec::with_capacity(scores.len());
        let loss = match kind {
            Hinge::Generator => weighted_mean(scores, weights, |score| [-score, -1.0], &mut gradient),
            Hinge::Discriminator { real } => {
                let ((real_scores, generated), (real_weights, others)) =
                    (scores.split_at(real), weights.split_at(real));
                weighted_mean(real_scores, real_weights, |score| cut(1.0 - score, -1.0), &mut gradient)
                    + weighted_mean(generated, others, |score| cut(1.0 + score, 1.0), &mut gradient)
            }
        };
        [tensor(vec![loss], [1]), tensor(gradient, shape)]
    }

    fn cross_entropy_with_gradient(
        logits: FlexTensor,
        targets: FlexTensor,
        trusted: FlexTensor,
        counts: Counts,
        launch: Launch,
    ) -> [FlexTensor; 2] {
        let [images, labels]: [usize; 2] = logits.layout().shape().dims();
        let [logits, targets, trusted] = [logits, targets, trusted].map(contiguous);
        if launch.is_strict() {
            let [logits, targets, trusted] = [&logits, &targets, &trusted].map(elements);
            let (loss, gradient) = strict::cross_entropy(logits, targets, trusted, counts, labels);
            return [tensor(vec![loss], [1]), tensor(gradient, [images, labels])];
        }
        let mut rows = elements(&logits).chunks_exact(labels).zip(elements(&targets).chunks_exact(labels));
        let mut gradient = Vec::with_capacity(images * labels);
        let [weighed, sets @ ..] = counts.each();
        let mut loss = 0.0;
        for ((logits, targets), trust) in rows.by_ref().take(weighed.images).zip(elements(&trusted)) {
            let factor = weighed.factor * trust;
            loss += factor * surprise(logits, targets, factor, &mut gradient);
        }
        for set in sets {
            for (logits, targets) in rows.by_ref().take(set.images) {
                loss += set.factor * set_surprise(logits, targets, set.factor, &mut gradient);
            }
        }
        [tensor(vec![loss], [1]), tensor(gradient, [images, labels])]
    }
}

/// The weighted mean of losses; `loss` returns a score's loss and its slope.
fn weighted_mean(scores: &[f32], weights: &[f32], loss: impl Fn(f32) -> [f32; 2], gradient: &mut Vec<f32>) -> f32 {
    let total: f32 = weights.iter().sum();
    // Written so that NaN stays NaN.
    let total = if total < SMALLEST_TOTAL { SMALLEST_TOTAL } else { total };
    let mut sum = 0.0;
    for (&score, weight) in scores.iter().zip(weights) {
        let [loss, slope] = loss(score);
        sum += loss * weight;
        gradient.push(slope * weight / total);
    }
    sum / total
}

/// A margin cut at 0, with its slope. Written so that NaN stays NaN.
fn cut(margin: f32, slope: f32) -> [f32; 2] {
    [if margin < 0.0 { 0.0 } else { margin }, if margin <= 0.0 { 0.0 } else { slope }]
}

/// Minus the weighted sum of the labels' log probabilities; appends its gradient times `factor` to `gradient`.
fn surprise(logits: &[f32], weights: &[f32], factor: f32, gradient: &mut Vec<f32>) -> f32 {
    let first = gradient.len();
    let log_total = softmax(logits.iter().copied(), gradient);
    let total: f32 = weights.iter().sum();
    for (slope, weight) in gradient[first..].iter_mut().zip(weights) {
        *slope = factor * (*slope * total - weight);
    }
    logits.iter().zip(weights).map(|(logit, weight)| (log_total - logit) * weight).sum()
}

/// Minus the log of the probability of all marked labels together; appends its gradient times `factor` to `gradient`.
fn set_surprise(logits: &[f32], marks: &[f32], factor: f32, gradient: &mut Vec<f32>) -> f32 {
    let first = gradient.len();
    let log_total = softmax(logits.iter().copied(), gradient);
    let mut marked = Vec::with_capacity(logits.len());
    let log_marked = softmax(logits.iter().zip(marks).map(|(logit, mark)| excluded_unless(*mark, *logit)), &mut marked);
    for (slope, marked) in gradient[first..].iter_mut().zip(marked) {
        *slope = factor * (*slope - marked);
    }
    log_total - log_marked
}
