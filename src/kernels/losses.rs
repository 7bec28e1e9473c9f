//! Losses, as means over a batch in a fixed order.

use burn::tensor::{Tensor, activation};

/// The mean of `values` `[batch, 1]` weighted by `weights` `[batch, 1]`, as `[1]`; 0 where all weights are 0.
pub fn weighted_mean(values: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    let total = weights.clone().sum_dim(0).clamp_min(1e-6);
    ((values * weights).sum_dim(0) / total).reshape([1])
}

/// The hinge loss of a discriminator on scores `[batch, 1]` of real and generated images (Miyato et al. 2018, eq. 16).
pub fn hinge_discriminator(real: [Tensor<2>; 2], generated: [Tensor<2>; 2]) -> Tensor<1> {
    let [real_scores, real_weights] = real;
    let [generated_scores, generated_weights] = generated;
    weighted_mean(activation::relu(-real_scores + 1.0), real_weights)
        + weighted_mean(activation::relu(generated_scores + 1.0), generated_weights)
}

/// The hinge loss of a generator on scores `[batch, 1]` (Miyato et al. 2018, eq. 17).
pub fn hinge_generator(scores: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    -weighted_mean(scores, weights)
}

/// Cross-entropy `[1]` of logits `[batch, labels]` against the sets of labels that `targets` `[batch, labels]` marks with
/// 1: minus the log of the probability of the whole set. With one mark a row it is the usual loss; with a class's cells
/// marked, it leaves open which of them an image belongs to.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let log_total = log_sum_exp(logits.clone());
    let log_marked = log_sum_exp(logits + (targets - 1.0) * 1e9);
    (log_total - log_marked).mean_dim(0).reshape([1])
}

/// Cross-entropy `[1]` of logits `[batch, labels]` against label weights `[batch, labels]` that sum to 1 a row, with what
/// is not trusted counted as 0: the mean over the whole batch, so that few trusted labels weigh little.
pub fn trusted_cross_entropy(logits: Tensor<2>, labels: Tensor<2>, trusted: Tensor<2>) -> Tensor<1> {
    let surprise = -(activation::log_softmax(logits, 1) * labels).sum_dim(1);
    (surprise * trusted).mean_dim(0).reshape([1])
}

/// `[batch, labels]` to `[batch, 1]`.
fn log_sum_exp(logits: Tensor<2>) -> Tensor<2> {
    let highest = logits.clone().detach().max_dim(1);
    (logits - highest.clone()).exp().sum_dim(1).log() + highest
}
