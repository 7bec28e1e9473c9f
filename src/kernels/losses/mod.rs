//! Losses, as means over a batch in a fixed order.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

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
    assert_eq!(logits.dims(), targets.dims(), "cross-entropy: there is a target for each logit");
    // The stand-in for the trust is not read.
    entropy(logits, targets.clone(), targets, false, launch)
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
    assert_eq!(logits.dims(), label_weights.dims(), "cross-entropy: there is a weight for each logit");
    assert_eq!(trusted.dims(), [logits.dims()[0], 1], "cross-entropy: there is a trust for each image");
    entropy(logits, label_weights, trusted, true, launch)
}

fn entropy(logits: Tensor<2>, targets: Tensor<2>, trusted: Tensor<2>, counts_trust: bool, launch: Launch) -> Tensor<1> {
    let [logits, targets, trusted] = [logits, targets, trusted].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as LossOps>::cross_entropy(logits, targets, trusted, counts_trust, launch))
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

    /// [`trusted_cross_entropy`] if `counts_trust`, else [`cross_entropy`], which does not read `trusted`.
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        trusted: FloatTensor<Self>,
        counts_trust: bool,
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
        counts_trust: bool,
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
        counts_trust: bool,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let node = logits.node();
        let [logits, targets, trusted] = [logits, targets, trusted].map(|tensor| tensor.into_primitive());
        let [loss, gradient] = B::cross_entropy_with_gradient(logits, targets, trusted, counts_trust, launch);
        record::<LossBackward, B, C, 1>([node], loss, gradient)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn tensor<const N: usize, const M: usize>(values: [[f32; M]; N]) -> Tensor<2> {
        Tensor::from_data(TensorData::from(values), &Device::flex().autodiff())
    }

    fn scalar(loss: Tensor<1>) -> f64 {
        loss.into_data().iter::<f64>().next().expect("one number")
    }

    /// Minus the log of the probability of a set of labels, in float64.
    fn set_surprise(logits: &[f64], set: &[usize]) -> f64 {
        let total: f64 = logits.iter().map(|x| x.exp()).sum();
        -(set.iter().map(|&label| logits[label].exp()).sum::<f64>() / total).ln()
    }

    #[test]
    fn cross_entropy_is_that_of_the_set() {
        let loss = cross_entropy(
            tensor([[1.0, 2.0, 3.0, 4.0], [0.0, -1.0, 50.0, 2.0]]),
            tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]),
        );
        let expected =
            (set_surprise(&[1.0, 2.0, 3.0, 4.0], &[0, 1]) + set_surprise(&[0.0, -1.0, 50.0, 2.0], &[3])) / 2.0;
        assert!((scalar(loss) - expected).abs() < 1e-5);
    }

    #[test]
    fn the_gradient_of_cross_entropy_agrees_with_finite_differences() {
        let values = [0.3, -1.2, 0.8, 2.0];
        let logits = tensor([values.map(|x| x as f32)]).require_grad();
        let mut gradients = cross_entropy(logits.clone(), tensor([[0.0, 1.0, 1.0, 0.0]])).backward();
        let gradient = logits.grad_remove(&mut gradients).expect("logits are tracked").into_data();
        for (label, found) in gradient.iter::<f64>().enumerate() {
            let moved = |by: f64| {
                let mut values = values;
                values[label] += by;
                set_surprise(&values, &[1, 2])
            };
            let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((found - expected).abs() < 1e-5, "label {label}: {found} instead of {expected}");
        }
    }

    #[test]
    fn trusted_cross_entropy_counts_the_whole_batch() {
        let logits = tensor([[1.0, 0.0], [5.0, 0.0], [0.0, 1.0], [0.0, 0.0]]);
        let labels = tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]);
        let loss = trusted_cross_entropy(logits, labels, tensor([[1.0], [0.0], [1.0], [0.0]]));
        let [a, b] = [set_surprise(&[1.0, 0.0], &[1]), set_surprise(&[0.0, 1.0], &[1])];
        let soft = (b + set_surprise(&[0.0, 1.0], &[0])) / 2.0;
        assert!((scalar(loss) - (a + soft) / 4.0).abs() < 1e-6);
    }

    #[test]
    fn hinge_losses_weigh_and_cut() {
        let scores = || tensor([[2.0], [-0.5], [2.0], [-0.5]]);
        let all = tensor([[1.0]; 4]);
        assert!((scalar(hinge_discriminator(scores(), all.clone(), 2)) - (0.75 + 1.75)).abs() < 1e-6);
        let first_only = tensor([[1.0], [0.0], [1.0], [0.0]]);
        assert!((scalar(hinge_discriminator(scores(), first_only, 2)) - 3.0).abs() < 1e-6);
        assert!((scalar(hinge_generator(scores(), all)) + 0.75).abs() < 1e-6);
        assert_eq!(scalar(hinge_generator(scores(), tensor([[0.0]; 4]))), 0.0, "no image, no loss");
    }
}
