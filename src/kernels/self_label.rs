//! Self-labelling: from a teacher's logits to labels and the gate, on the device.

use burn::tensor::{Tensor, activation};

use crate::train::config::LabelKind;

/// What a batch is labelled with.
#[derive(Debug, Clone)]
pub struct SelfLabels {
    /// Label weights `[batch, labels]`, each row summing to 1.
    pub labels: Tensor<2>,
    /// 1 where the label is to be used and 0 elsewhere, `[batch, 1]`.
    pub gate: Tensor<2>,
    /// The teacher's highest probability, `[batch, 1]`.
    pub confidence: Tensor<2>,
}

/// Far below any logit: exp of it is 0 in f32.
const EXCLUDED: f32 = -1e9;

/// Labels a batch by a teacher's `logits` `[batch, labels]`.
///
/// `allowed` `[batch, labels]` is 1 for the labels an image may have: all of them, or the cells of its manual class.
/// `known` `[batch, 1]` is 1 for images with a manual label, which pass the gate whatever the teacher thinks.
/// Images pass where the highest probability is at least `tau`; NaN does not pass.
pub fn self_label(logits: Tensor<2>, allowed: Tensor<2>, known: Tensor<2>, tau: f64, kind: LabelKind) -> SelfLabels {
    let excluded = (allowed - 1.0) * -EXCLUDED;
    let probabilities = activation::softmax(logits + excluded, 1);
    let (confidence, class) = probabilities.clone().max_dim_with_indices(1);
    let gate = confidence.clone().greater_equal_elem(tau).float().max_pair(known);
    let count = probabilities.dims()[1];
    let labels = match kind {
        LabelKind::Hard => class.squeeze_dim::<1>(1).one_hot::<2>(count).float(),
        LabelKind::Soft => probabilities,
    };
    SelfLabels { labels, gate, confidence }
}
