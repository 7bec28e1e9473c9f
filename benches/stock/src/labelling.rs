//! Self-labelling: from a teacher's logits to pseudo-labels and the gate.

use burn::tensor::{Int, Tensor, activation};

/// The lower bound of a probability in a prior.
const SMALLEST_PRIOR: f64 = 1e-3;

/// The hard pseudo-labels of a batch.
#[derive(Debug, Clone)]
pub struct SelfLabels {
    /// One-hot, `[batch, labels]`.
    pub labels: Tensor<2>,
    /// 1 for images that pass the gate and 0 for others, `[batch, 1]`.
    pub gate: Tensor<2>,
}

/// Logits `[batch, labels]` minus the log of a prior `[1, labels]`.
pub fn corrected(logits: Tensor<2>, prior: Tensor<2>) -> Tensor<2> {
    logits - prior.clamp_min(SMALLEST_PRIOR).log()
}

/// Labels real images from the teacher's corrected logits `[batch, labels]`.
///
/// `allowed` `[batch, labels]` is 1 for each label that an image may have. `known` `[batch, 1]` is 1 for images with a
/// manual label; they pass the gate. Others pass if the highest probability is at least `tau`.
pub fn self_label(logits: Tensor<2>, allowed: Tensor<2>, known: Tensor<2>, tau: f64) -> SelfLabels {
    let probabilities = activation::softmax(logits + (allowed - 1.0) * 1e9, 1);
    let [batch, count] = probabilities.dims();
    let (confidence, class) = probabilities.max_dim_with_indices(1);
    let gate = confidence.greater_equal_elem(tau).float().max_pair(known);
    // `Tensor::one_hot` would read its argument back from the device to check it.
    let numbers = Tensor::<1, Int>::arange(0..count as i64, &class.device()).unsqueeze::<2>();
    let labels = numbers.expand([batch, count]).equal(class.expand([batch, count])).float();
    SelfLabels { labels, gate }
}

/// The gate `[batch, 1]` of generated images, which have labels. They pass too where the real image at their place is
/// `known` `[batch, 1]`.
pub fn gate(logits: Tensor<2>, known: Tensor<2>, tau: f64) -> Tensor<2> {
    activation::softmax(logits, 1).max_dim(1).greater_equal_elem(tau).float().max_pair(known)
}
