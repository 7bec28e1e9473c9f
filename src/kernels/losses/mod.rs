//! Losses, as means over a batch in a fixed order.

#[cfg(feature = "checks")]
pub(super) mod check;
mod counts;
mod cpu;
pub(super) mod gpu;
mod strict;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;
pub use counts::{Count, Counts};

/// The least divisor of a weighted mean: if no image counts, the loss is 0.
pub(super) const SMALLEST_TOTAL: f32 = 1e-6;

/// The mean of `values` `[batch, 1]` weighted by `weights` `[batch, 1]`, as `[1]`; 0 if all weights are 0.
pub fn weighted_mean(values: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    let total = weights.clone().sum_dim(0).clamp_min(SMALLEST_TOTAL);
    ((values * weights).sum_dim(0) / total).reshape([1])
}

/// The hinge loss `[1]` of a discriminator on scores `[count, 1]` (Miyato et al. 2018, eq. 16). The first `real` scores
/// are of real images and the others of generated ones. Each kind has its own mean, weighted by its part of `weights`
/// `[count, 1]`.
///
/// # Panics
/// If there is not a weight for each score, or there are fewer than `real` scores.
pub fn hinge_discriminator(scores: Tensor<2>, weights: Tensor<2>, real: usize) -> Tensor<1> {
    hinge_loss_with(scores, weights, Hinge::Discriminator { real }, Launch::default())
}

/// The hinge loss `[1]` of a generator on scores `[batch, 1]` (Miyato et al. 2018, eq. 17).
///
/// # Panics
/// If there is not a weight for each score.
pub fn hinge_generator(scores: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
    hinge_loss_with(scores, weights, Hinge::Generator, Launch::default())
}

/// [`hinge_discriminator`] or [`hinge_generator`] with a choice of launch.
///
/// # Panics
/// As for these functions.
pub fn hinge_loss_with(scores: Tensor<2>, weights: Tensor<2>, kind: Hinge, launch: Launch) -> Tensor<1> {
    let [count, columns] = scores.dims();
    assert!(scores.dims() == weights.dims() && columns == 1, "hinge loss: scores and weights are [count, 1]");
    if let Hinge::Discriminator { real } = kind {
        assert!(real <= count, "hinge loss: {real} of {count} scores cannot be of real images");
    }
    let [scores, weights] = [scores, weights].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as LossOps>::hinge_loss(scores, weights, kind, launch))
}

/// Cross-entropy `[1]` of logits `[batch, labels]` against the sets of labels that `targets` `[batch, labels]` marks
/// with 1: minus the log of the probability of the whole set. With one mark per row it is the usual loss; with all
/// cells of a class marked, it leaves open which cell an image belongs to.
///
/// # Panics
/// If the shapes differ.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    cross_entropy_with(logits, targets, Launch::default())
}

/// [`cross_entropy`] with a choice of launch.
///
/// # Panics
/// As [`cross_entropy`].
pub fn cross_entropy_with(logits: Tensor<2>, targets: Tensor<2>, launch: Launch) -> Tensor<1> {
    let first = Count::mean(logits.dims()[0], 1.0);
    // The stand-in for the trust is not read.
    cross_entropies_with(logits, targets.clone(), targets, Counts { first, ..Counts::default() }, launch)
}

/// Cross-entropy `[1]` of logits `[batch, labels]` against label weights `[batch, labels]`, each row summing to 1. The
/// loss of each image is multiplied by `trusted` `[batch, 1]`. The mean is over the whole batch, so a few trusted
/// labels weigh little.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn trusted_cross_entropy(logits: Tensor<2>, label_weights: Tensor<2>, trusted: Tensor<2>) -> Tensor<1> {
    trusted_cross_entropy_with(logits, label_weights, trusted, Launch::default())
}

/// [`trusted_cross_entropy`] with a choice of launch.
///
/// # Panics
/// As [`trusted_cross_entropy`].
pub fn trusted_cross_entropy_with(
    logits: Tensor<2>,
    label_weights: Tensor<2>,
    trusted: Tensor<2>,
    launch: Launch,
) -> Tensor<1> {
    let weighed = Count::mean(logits.dims()[0], 1.0);
    cross_entropies_with(logits, label_weights, trusted, Counts { weighed, ..Counts::default() }, launch)
}

/// The sum `[1]` of up to three cross-entropies of the rows of `logits` `[images, labels]` against those of `targets`:
/// first one like [`trusted_cross_entropy`] with the first rows of `trusted` `[.., 1]`, then two like [`cross_entropy`].
/// `counts` says over how many images each one is, and by what it multiplies each of their losses.
///
/// # Panics
/// If the shapes do not fit each other or the counts.
pub fn cross_entropies(logits: Tensor<2>, targets: Tensor<2>, trusted: Tensor<2>, counts: Counts) -> Tensor<1> {
    cross_entropies_with(logits, targets, trusted, counts, Launch::default())
}

/// [`cross_entropies`] with a choice of launch.
///
/// # Panics
/// As [`cross_entropies`].
pub fn cross_entropies_with(
    logits: Tensor<2>,
    targets: Tensor<2>,
    trusted: Tensor<2>,
    counts: Counts,
    launch: Launch,
) -> Tensor<1> {
    assert_eq!(logits.dims(), targets.dims(), "cross-entropy: there is a target for each logit");
    let images: usize = counts.each().iter().map(|count| count.images).sum();
    assert_eq!(images, logits.dims()[0], "cross-entropy: the counts cover all images");
    let ([rows, columns], weighed) = (trusted.dims(), counts.weighed.images);
    assert!(weighed == 0 || rows >= weighed && columns == 1, "cross-entropy: there is a trust for each weighed image");
    let [logits, targets, trusted] = [logits, targets, trusted].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as LossOps>::cross_entropy(logits, targets, trusted, counts, launch))
}

/// Whose hinge loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hinge {
    /// The first `real` scores are of real images.
    Discriminator {
        /// How many.
        real: usize,
    },
    /// All scores are of generated images.
    Generator,
}

/// The losses on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait LossOps: Backend {
    /// [`hinge_discriminator`] or [`hinge_generator`].
    fn hinge_loss(
        scores: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        kind: Hinge,
        launch: Launch,
    ) -> FloatTensor<Self>;

    /// [`cross_entropies`].
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        trusted: FloatTensor<Self>,
        counts: Counts,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// The same losses, each `[1]`, with the gradient of its first argument, so that a backward pass only has to multiply.
pub trait LossGradients: Backend {
    /// As [`LossOps::hinge_loss`].
    fn hinge_loss_with_gradient(
        scores: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        kind: Hinge,
        launch: Launch,
    ) -> [FloatTensor<Self>; 2];

    /// As [`LossOps::cross_entropy`].
    fn cross_entropy_with_gradient(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        trusted: FloatTensor<Self>,
        counts: Counts,
        launch: Launch,
    ) -> [FloatTensor<Self>; 2];
}

#[derive(Debug)]
struct LossBackward;

impl<B: Backend> BackwardPass<B, 1> for LossBackward {
    /// The gradient of the loss with respect to its argument.
    type Kept = FloatTensor<B>;

    fn gradients(slope: Self::Kept, factor: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::float_mul(slope, B::float_reshape(factor, [1, 1].into())))]
    }
}

impl<B: LossOps + LossGradients, C: CheckpointStrategy> LossOps for Autodiff<B, C> {
    fn hinge_loss(
        scores: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        kind: Hinge,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let node = scores.node();
        let [scores, weights] = [scores, weights].map(|tensor| tensor.into_primitive());
        let [loss, gradient] = B::hinge_loss_with_gradient(scores, weights, kind, launch);
        record::<LossBackward, B, C, 1>([node], loss, gradient)
    }

    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        trusted: FloatTensor<Self>,
        counts: Counts,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let node = logits.node();
        let [logits, targets, trusted] = [logits, targets, trusted].map(|tensor| tensor.into_primitive());
        let [loss, gradient] = B::cross_entropy_with_gradient(logits, targets, trusted, counts, launch);
        record::<LossBackward, B, C, 1>([node], loss, gradient)
    }
}

#[cfg(test)]
mod tests;
