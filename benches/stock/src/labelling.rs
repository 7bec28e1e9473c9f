//! Self-labelling: from a teacher's logits to labels and the gate.

use burn::tensor::{Int, Tensor, activation};

/// A probability below this counts as this in a prior.
const SMALLEST_PRIOR: f64 = 1e-3;

/// Hard labels of a batch.
#[derive(Debug, Clone)]
pub struct SelfLabels {
    /// One-hot, `[batch, labels]`.
    pub labels: Tensor<2>,
    /// 1 where the label is to be used and 0 elsewhere, `[batch, 1]`.
    pub gate: Tensor<2>,
}

/// Logits `[batch, labels]` minus the log of a prior `[1, labels]`.
pub fn corrected(logits: Tensor<2>, prior: Tensor<2>) -> Tensor<2> {
    logits - prior.clamp_min(SMALLEST_PRIOR).log()
}

/// Labels real images by the corrected logits `[batch, labels]` of the teacher.
///
/// `allowed` `[batch, labels]` is 1 for the labels that an image may have; `known` `[batch, 1]` is 1 for images with a
/// manual label, which pass the gate. Others pass where the highest probability is at least `tau`.
pub fn self_label(logits: Tensor<2>, allowed: Tensor<2>, known: Tensor<2>, tau: f64) -> SelfLabels {
    let probabilities = activation::softmax(logits + (allowed - 1.0) * 1e9, 1);
    let [batch, count] = probabilities.dims();
    let (confidence, class) = probabilities.max_dim_with_indices(1);
    let gate = confidence.greater_equal_elem(tau).float().max_pair(known);
    // `Tensor::one_hot` would read its argument back to check it.
    let numbers = Tensor::<1, Int>::arange(0..count as i64, &class.device()).unsqueeze::<2>();
    let labels = numbers.expand([batch, count]).equal(class.expand([batch, count])).float();
    SelfLabels { labels, gate }
}

/// The gate `[batch, 1]` of generated images, whose labels are known.
pub fn gate(logits: Tensor<2>, tau: f64) -> Tensor<2> {
    activation::softmax(logits, 1).max_dim(1).greater_equal_elem(tau).float()
}
