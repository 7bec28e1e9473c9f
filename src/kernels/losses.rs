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
        let ones = || tensor([[1.0], [1.0]]);
        let scores = || tensor([[2.0], [-0.5]]);
        assert!((scalar(hinge_discriminator([scores(), ones()], [scores(), ones()])) - (0.75 + 1.75)).abs() < 1e-6);
        let first_only = tensor([[1.0], [0.0]]);
        assert!(
            (scalar(hinge_discriminator([scores(), first_only.clone()], [scores(), first_only])) - 3.0).abs() < 1e-6
        );
        assert!((scalar(hinge_generator(scores(), ones())) + 0.75).abs() < 1e-6);
        let nothing = || tensor([[0.0], [0.0]]);
        assert_eq!(scalar(hinge_generator(scores(), nothing())), 0.0, "no image, no loss");
    }
}
