//! Losses, each `[1]`.

use burn::tensor::{Tensor, activation};

/// The hinge loss of a discriminator on scores `[2 batch, 1]` (Miyato et al. 2018, eq. 16). The first half belongs to
/// real images.
pub fn hinge_discriminator(scores: Tensor<2>) -> Tensor<1> {
    let batch = scores.dims()[0] / 2;
    let (real, generated) = (scores.clone().narrow(0, 0, batch), scores.narrow(0, batch, batch));
    activation::relu(-real + 1.0).mean() + activation::relu(generated + 1.0).mean()
}

/// The hinge loss of a generator on scores `[batch, 1]` (Miyato et al. 2018, eq. 17).
pub fn hinge_generator(scores: Tensor<2>) -> Tensor<1> {
    -scores.mean()
}

/// Cross-entropy of logits `[batch, labels]` against label weights `[batch, labels]`, whose rows sum to 1.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    surprise(logits, targets).mean()
}

/// The same, but untrusted images count as 0.
pub fn trusted_cross_entropy(logits: Tensor<2>, labels: Tensor<2>, trusted: Tensor<2>) -> Tensor<1> {
    (surprise(logits, labels) * trusted).mean()
}

/// `[batch, 1]`.
fn surprise(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
    -(activation::log_softmax(logits, 1) * targets).sum_dim(1)
}
