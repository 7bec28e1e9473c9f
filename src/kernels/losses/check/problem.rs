//! Losses with their arguments, and their values and gradients in float64.

use std::ops::Range;

use burn::tensor::{Device, Tensor};

use crate::kernels::compare::{Case, on_device};
use crate::kernels::launch::Launch;
use crate::kernels::losses::{
    Count, Counts, Hinge, cross_entropies_with, cross_entropy_with, hinge_loss_with, trusted_cross_entropy_with,
};

/// Factors of their losses. f32 holds them exactly.
const FACTORS: [f64; 3] = [0.015625, 0.25, 0.0009765625];

/// The least divisor of a mean.
const SMALLEST_TOTAL: f64 = 1e-6;

/// Sums over a batch or labels in f32, and exponentials and logarithms with the accuracy that adapters guarantee.
const BUDGET: f64 = 1e-5;

/// A loss with its other arguments.
#[derive(Debug, Clone)]
pub enum Loss {
    /// Hinge loss with weights `[count, 1]`.
    Discriminator { real: usize, weights: Vec<f64> },
    /// Hinge loss with weights `[count, 1]`.
    Generator { weights: Vec<f64> },
    /// Cross-entropy against sets of labels `[images, labels]`.
    Set { targets: Vec<f64> },
    /// Cross-entropy against label weights `[images, labels]`, weighted by `trusted` `[images, 1]`.
    Trusted { labels: Vec<f64>, trusted: Vec<f64> },
    /// A sum of cross-entropies against `targets` `[images, labels]`, over images of three kinds: label weights that
    /// are weighted by `trusted` `[images, 1]`, and twice sets of labels.
    Sum { images: [usize; 3], targets: Vec<f64>, trusted: Vec<f64> },
}

/// A loss and its first argument, scores or logits. f32 holds all numbers exactly.
#[derive(Debug, Clone)]
pub struct Problem {
    pub loss: Loss,
    pub dims: [usize; 2],
    pub argument: Vec<f64>,
}

impl Problem {
    /// The loss by the function under test.
    pub fn run(&self, argument: Tensor<2>, device: &Device, launch: Launch) -> Tensor<1> {
        let column = |values: &[f64]| on_device(values, [self.dims[0], 1], device);
        match &self.loss {
            Loss::Discriminator { real, weights } => {
                hinge_loss_with(argument, column(weights), Hinge::Discriminator { real: *real }, launch)
            }
            Loss::Generator { weights } => hinge_loss_with(argument, column(weights), Hinge::Generator, launch),
            Loss::Set { targets } => cross_entropy_with(argument, on_device(targets, self.dims, device), launch),
            Loss::Trusted { labels, trusted } => {
                trusted_cross_entropy_with(argument, on_device(labels, self.dims, device), column(trusted), launch)
            }
            Loss::Sum { images, targets, trusted } => {
                let count = |kind: usize| Count { images: images[kind], factor: FACTORS[kind] as f32 };
                let counts = Counts { weighed: count(0), first: count(1), second: count(2) };
                let targets = on_device(targets, self.dims, device);
                cross_entropies_with(argument, targets, column(trusted), counts, launch)
            }
        }
    }

    pub fn case(&self, note: &str) -> Case {
        let total = |values: &[f64]| values.iter().sum::<f64>();
        let (kernel, options) = match &self.loss {
            Loss::Discriminator { real, weights } => {
                ("hinge_discriminator", format!("{real} real, weights {}", total(weights)))
            }
            Loss::Generator { weights } => ("hinge_generator", format!("weights {}", total(weights))),
            Loss::Set { targets } => ("cross_entropy", format!("{} marks", total(targets))),
            Loss::Trusted { trusted, .. } => ("trusted_cross_entropy", format!("{} trusted", total(trusted))),
            Loss::Sum { images, trusted, .. } => {
                ("cross_entropy", format!("a sum over {images:?} images, {} trusted", total(trusted)))
            }
        };
        let [first, second] = [0, 1].map(|at| self.argument.get(at).copied().unwrap_or_default());
        Case::new(kernel, format!("{:?} {options}, of {first:.1}, {second:.1}..{note}", self.dims), BUDGET)
    }

    /// The loss and its gradient with respect to the argument.
    pub fn solve(&self) -> (f64, Vec<f64>) {
        match &self.loss {
            Loss::Discriminator { real, weights } => {
                let of_real = self.weighted_mean(weights, 0..*real, |score| hinge(score, -1.0));
                let of_generated = self.weighted_mean(weights, *real..self.dims[0], |score| hinge(score, 1.0));
                (of_real.0 + of_generated.0, [of_real.1, of_generated.1].concat())
            }
            Loss::Generator { weights } => self.weighted_mean(weights, 0..self.dims[0], |score| (-score, -1.0)),
            Loss::Set { targets } => self.image_mean(|image, logits| surprise_at_set(logits, self.row(targets, image))),
            Loss::Trusted { labels, trusted } => self.image_mean(|image, logits| {
                let (surprise, gradient) = weighted_surprise(logits, self.row(labels, image));
                (surprise * trusted[image], gradient.into_iter().map(|slope| slope * trusted[image]).collect())
            }),
            Loss::Sum { images: [weighed, first, _], targets, trusted } => self.image_sum(|image, logits| {
                let targets = self.row(targets, image);
                let (factor, (surprise, gradient)) = match image {
                    image if image < *weighed => (FACTORS[0] * trusted[image], weighted_surprise(logits, targets)),
                    image if image < weighed + first => (FACTORS[1], surprise_at_set(logits, targets)),
                    _ => (FACTORS[2], surprise_at_set(logits, targets)),
                };
                (surprise * factor, gradient.into_iter().map(|slope| slope * factor).collect())
            }),
        }
    }

    /// The weighted mean of a loss over some of the scores, 0 if all weights are 0, and its gradient. `each` returns a
    /// score's loss and its slope.
    fn weighted_mean(
        &self,
        weights: &[f64],
        images: Range<usize>,
        each: impl Fn(f64) -> (f64, f64),
    ) -> (f64, Vec<f64>) {
        let total = weights[images.clone()].iter().sum::<f64>();
        // Written so that NaN stays NaN.
        let total = if total < SMALLEST_TOTAL { SMALLEST_TOTAL } else { total };
        let share = |image: usize| {
            let (loss, slope) = each(self.argument[image]);
            (loss * weights[image] / total, slope * weights[image] / total)
        };
        let (losses, slopes): (Vec<f64>, Vec<f64>) = images.map(share).unzip();
        (losses.iter().sum(), slopes)
    }

    /// The mean of a loss over images, and its gradient with respect to the logits. `each` returns the loss of an
    /// image's logits and its gradient.
    fn image_mean(&self, each: impl Fn(usize, &[f64]) -> (f64, Vec<f64>)) -> (f64, Vec<f64>) {
        let count = self.dims[0] as f64;
        let (loss, gradient) = self.image_sum(each);
        (loss / count, gradient.into_iter().map(|slope| slope / count).collect())
    }

    /// Like [`Self::image_mean`], but the sum.
    fn image_sum(&self, each: impl Fn(usize, &[f64]) -> (f64, Vec<f64>)) -> (f64, Vec<f64>) {
        let (mut loss, mut gradient) = (0.0, Vec::new());
        for image in 0..self.dims[0] {
            let (image_loss, slopes) = each(image, self.row(&self.argument, image));
            loss += image_loss;
            gradient.extend(slopes);
        }
        (loss, gradient)
    }

    /// The row of one image in `values` `[images, labels]`.
    fn row<'a>(&self, values: &'a [f64], image: usize) -> &'a [f64] {
        &values[image * self.dims[1]..][..self.dims[1]]
    }
}

/// How far a score is from its side of the margin, and the slope of this distance: a higher score is better if `slope`
/// is -1, and worse if it is 1.
fn hinge(score: f64, slope: f64) -> (f64, f64) {
    let missing = 1.0 + slope * score;
    // Written so that NaN stays NaN.
    if missing <= 0.0 { (0.0, 0.0) } else { (missing, slope) }
}

/// Minus the log of the probability of the set of labels that `targets` marks, and its gradient: the probabilities
/// among all labels minus those among the marked ones.
fn surprise_at_set(logits: &[f64], targets: &[f64]) -> (f64, Vec<f64>) {
    let marked: Vec<f64> = logits.iter().zip(targets).filter(|(_, mark)| **mark == 1.0).map(|(x, _)| *x).collect();
    let [log_total, log_marked] = [log_sum_exp(logits), log_sum_exp(&marked)];
    let slope = |(logit, mark): (&f64, &f64)| (logit - log_total).exp() - mark * (logit - log_marked).min(0.0).exp();
    (log_total - log_marked, logits.iter().zip(targets).map(slope).collect())
}

/// Minus the weighted sum of the labels' log probabilities, and its gradient.
fn weighted_surprise(logits: &[f64], labels: &[f64]) -> (f64, Vec<f64>) {
    let log_total = log_sum_exp(logits);
    let weight: f64 = labels.iter().sum();
    let surprise = logits.iter().zip(labels).map(|(logit, label)| (log_total - logit) * label).sum();
    (surprise, probabilities(logits).into_iter().zip(labels).map(|(p, label)| p * weight - label).collect())
}

/// The probabilities of labels.
pub fn probabilities(logits: &[f64]) -> Vec<f64> {
    let log_total = log_sum_exp(logits);
    logits.iter().map(|logit| (logit - log_total).exp()).collect()
}

/// The log of the sum of exponentials, without overflow: NaN if a logit is NaN or infinity, but not if some are minus
/// infinity.
fn log_sum_exp(logits: &[f64]) -> f64 {
    let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter().map(|logit| (logit - highest).exp()).sum::<f64>().ln() + highest
}

#[cfg(test)]
mod tests {
    use super::super::cases::{entropies, hinges, sums};
    use super::*;

    /// The oracle's losses on numbers that are easy to follow.
    #[test]
    fn losses_of_simple_numbers() {
        let loss = |loss, dims, argument: &[f64]| Problem { loss, dims, argument: argument.to_vec() }.solve().0;
        let weights = vec![1.0, 0.5, 1.0, 0.0];
        // The real scores miss by 0 and 1.5, the generated ones by 3 and a number with weight 0.
        let discriminator = Loss::Discriminator { real: 2, weights: weights.clone() };
        assert_eq!(loss(discriminator, [4, 1], &[2.0, -0.5, 2.0, -0.5]), 0.75 / 1.5 + 3.0);
        assert_eq!(loss(Loss::Generator { weights }, [4, 1], &[2.0, -0.5, 2.0, -0.5]), -(2.0 - 0.25 + 2.0) / 2.5);
        let even = [0.0, 0.0, 0.0, 0.0];
        let set = Loss::Set { targets: vec![1.0, 1.0, 0.0, 0.0] };
        assert!((loss(set, [1, 4], &even) - 2.0f64.ln()).abs() < 1e-12);
        // One of two images is not trusted, but counts in the mean.
        let trusted = Loss::Trusted { labels: vec![0.5, 0.5, 1.0, 0.0], trusted: vec![1.0, 0.0] };
        assert!((loss(trusted, [2, 2], &even) - 2.0f64.ln() / 2.0).abs() < 1e-12);
    }

    /// The oracle's gradients are those of its own losses.
    #[test]
    fn gradients_agree_with_finite_differences() {
        let small = |problem: &Problem| problem.argument.len() <= 30;
        for problem in hinges().into_iter().chain(entropies()).chain(sums()).filter(small) {
            for (at, expected) in problem.solve().1.into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut problem = problem.clone();
                    problem.argument[at] += by;
                    problem.solve().0
                };
                let found = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((found - expected).abs() < 1e-7, "{problem:?} {at}: {found} instead of {expected}");
            }
        }
    }
}
