//! Losses and their gradients from the definitions.

use std::ops::Range;

use burn::tensor::{Device, Tensor};

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device, rounded};
use crate::kernels::launch::Launch;
use crate::kernels::losses::{
    Count, Counts, Hinge, cross_entropies_with, cross_entropy_with, hinge_loss_with, trusted_cross_entropy_with,
};

/// Numbers of scores and of real images: one of each kind, exact multiples of a workgroup, and ragged.
const SCORES: [(usize, usize); 6] = [(2, 1), (7, 5), (128, 64), (135, 65), (135, 1), (512, 256)];

/// Images and labels: one of everything, exact multiples of a workgroup, and ragged.
const LOGITS: [[usize; 2]; 6] = [[1, 1], [1, 10], [3, 7], [64, 10], [65, 100], [256, 64]];

/// Images of each kind in a sum of cross-entropies, and labels: without one kind or two, and ragged.
const SUMS: [([usize; 3], usize); 5] =
    [([64, 64, 32], 10), ([3, 2, 1], 7), ([0, 65, 64], 3), ([65, 0, 2], 10), ([0, 0, 5], 4)];

/// Factors of their losses. f32 holds them exactly.
const FACTORS: [f64; 3] = [0.015625, 0.25, 0.0009765625];

/// Standard deviations of logits: a usual one, and one so large that plain exponentials overflow in f32.
const SPREADS: [f64; 2] = [2.0, 50.0];

/// The least divisor of a mean.
const SMALLEST_TOTAL: f64 = 1e-6;

/// Sums over a batch or labels in f32, and exponentials and logarithms with the accuracy that adapters guarantee.
const BUDGET: f64 = 1e-5;

/// Checks values and gradients of all losses, alone and with a factor that makes every gradient about 1.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for problem in hinges().into_iter().chain(entropies()).chain(sums()) {
        for factor in [1.0, -1.5 * problem.dims[0] as f64] {
            outcomes.extend(check_gradient(&problem, factor, target).await);
        }
    }
    for problem in bad_arguments() {
        let loss =
            problem.run(on_device(&problem.argument, problem.dims, &target.device), &target.device, target.launch);
        let mut case = problem.case("");
        case.expect("loss", loss, &[problem.solve().0]).await;
        outcomes.extend(case.outcomes());
        // The slope at a score that is not finite is undefined.
        if matches!(problem.loss, Loss::Set { .. } | Loss::Trusted { .. })
            || problem.argument.iter().all(|x| x.is_finite())
        {
            outcomes.extend(check_gradient(&problem, 1.0, target).await);
        }
    }
    outcomes
}

/// The cases of the reproducibility suite: every loss at one ragged or usual size, with a factor that makes every
/// gradient about 1.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let chosen = |problem: &Problem| [[7, 1], [64, 10], [160, 10]].contains(&problem.dims);
    for problem in hinges().into_iter().chain(entropies()).chain(sums()).filter(chosen) {
        outcomes.extend(check_gradient(&problem, -1.5 * problem.dims[0] as f64, target).await);
    }
    outcomes
}

async fn check_gradient(problem: &Problem, factor: f64, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let argument = on_device(&problem.argument, problem.dims, &device).require_grad();
    let loss = problem.run(argument.clone(), &device, target.launch);
    let mut gradients = (loss.clone() * factor).backward();
    let (expected_loss, expected_gradient) = problem.solve();
    let expected_gradient: Vec<f64> = expected_gradient.into_iter().map(|slope| slope * factor).collect();
    let mut case = problem.case(&format!(", times {factor}"));
    case.expect("loss", loss, &[expected_loss]).await;
    let gradient = argument.grad_remove(&mut gradients).expect("the argument is tracked");
    case.expect("gradient of the argument", gradient, &expected_gradient).await;
    case.outcomes()
}

/// Hinge losses of every size, with all images, some, none, and none of one kind.
fn hinges() -> Vec<Problem> {
    let mut problems = Vec::new();
    for (count, real) in SCORES {
        let all = vec![1.0; count];
        let some = (0..count).map(|image| [1.0, 0.0, 0.5][image % 3]).collect::<Vec<_>>();
        let generated = (0..count).map(|image| if image < real { 0.0 } else { 1.0 }).collect::<Vec<_>>();
        for weights in [all, some, generated, vec![0.0; count]] {
            for loss in [Loss::Discriminator { real, weights: weights.clone() }, Loss::Generator { weights }] {
                problems.push(Problem { loss, dims: [count, 1], argument: scores(count) });
            }
        }
    }
    problems
}

/// Cross-entropies of every size, against one label, several and all labels, and against label weights with all images
/// trusted, some and none.
fn entropies() -> Vec<Problem> {
    let mut problems = Vec::new();
    for (dims, spread) in LOGITS.into_iter().flat_map(|dims| SPREADS.map(|spread| (dims, spread))) {
        let [images, labels] = dims;
        for marks in [Marks::One, Marks::Some, Marks::All] {
            problems.push(Problem {
                loss: Loss::Set { targets: marks.targets(dims) },
                dims,
                argument: logits(dims, spread),
            });
        }
        let hard = Marks::One.targets(dims);
        let soft: Vec<f64> = numbers(7, images * labels).chunks(labels).flat_map(probabilities).map(rounded).collect();
        let some = (0..images).map(|image| f64::from(u8::from(image % 3 != 1))).collect::<Vec<_>>();
        for (labels, trusted) in
            [(&hard, vec![1.0; images]), (&soft, vec![1.0; images]), (&soft, some), (&hard, vec![0.0; images])]
        {
            let loss = Loss::Trusted { labels: labels.clone(), trusted };
            problems.push(Problem { loss, dims, argument: logits(dims, spread) });
        }
    }
    problems
}

/// Sums of cross-entropies, with some images trusted, and with more rows of trust than they need.
fn sums() -> Vec<Problem> {
    let mut problems = Vec::new();
    for ((images, labels), spread) in SUMS.into_iter().flat_map(|sizes| SPREADS.map(|spread| (sizes, spread))) {
        let dims = [images.iter().sum(), labels];
        let trusted = (0..dims[0]).map(|image| f64::from(u8::from(image % 3 != 1))).collect();
        let loss = Loss::Sum { images, targets: Marks::Some.targets(dims), trusted };
        problems.push(Problem { loss, dims, argument: logits(dims, spread) });
    }
    problems
}

/// Losses with one score, logit or weight that is not finite. A logit of minus infinity is for unmarked labels only,
/// and never with label weights, not even 0: the log of its probability is infinite.
fn bad_arguments() -> Vec<Problem> {
    let all = || vec![1.0; 7];
    let targets = || Marks::One.targets([3, 7]);
    let losses = || {
        [
            (Loss::Discriminator { real: 5, weights: all() }, [7, 1], scores(7)),
            (Loss::Generator { weights: all() }, [7, 1], scores(7)),
            (Loss::Set { targets: targets() }, [3, 7], logits([3, 7], 2.0)),
            (Loss::Trusted { labels: targets(), trusted: vec![1.0, 0.0, 1.0] }, [3, 7], logits([3, 7], 2.0)),
        ]
    };
    let mut problems = Vec::new();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (loss, dims, mut argument) in losses() {
            if bad == f64::NEG_INFINITY && matches!(loss, Loss::Trusted { .. }) {
                continue;
            }
            argument[1] = bad;
            problems.push(Problem { loss, dims, argument });
        }
    }
    let with_nan = |mut weights: Vec<f64>| {
        weights[0] = f64::NAN;
        weights
    };
    for loss in
        [Loss::Discriminator { real: 5, weights: with_nan(all()) }, Loss::Generator { weights: with_nan(all()) }]
    {
        problems.push(Problem { loss, dims: [7, 1], argument: scores(7) });
    }
    for loss in [
        Loss::Trusted { labels: with_nan(targets()), trusted: vec![1.0; 3] },
        Loss::Trusted { labels: targets(), trusted: with_nan(vec![1.0; 3]) },
    ] {
        problems.push(Problem { loss, dims: [3, 7], argument: logits([3, 7], 2.0) });
    }
    problems
}

/// Which labels of an image a target marks.
#[derive(Debug, Clone, Copy)]
enum Marks {
    One,
    Some,
    All,
}

impl Marks {
    /// 1 for marked labels and 0 for others, `[images, labels]`.
    fn targets(self, [images, labels]: [usize; 2]) -> Vec<f64> {
        let is_marked = |image: usize, label: usize| match self {
            Self::One => label == image * 7 % labels,
            Self::Some => label == image % labels || label % 3 == image % 3,
            Self::All => true,
        };
        let row = |image| (0..labels).map(move |label| f64::from(u8::from(is_marked(image, label))));
        (0..images).flat_map(row).collect()
    }
}

/// Random scores `[count, 1]`, none close to 1 or -1, where the hinge losses have their kinks.
fn scores(count: usize) -> Vec<f64> {
    let away = |score: f64| if (score.abs() - 1.0).abs() < 0.1 { score * 1.5 } else { score };
    numbers(0, count).into_iter().map(|score| rounded(away(score * 1.5))).collect()
}

/// Random logits `[images, labels]`.
fn logits([images, labels]: [usize; 2], spread: f64) -> Vec<f64> {
    numbers(1, images * labels).into_iter().map(|logit| rounded(logit * spread)).collect()
}

/// A loss with its other arguments.
#[derive(Debug, Clone)]
enum Loss {
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
struct Problem {
    loss: Loss,
    dims: [usize; 2],
    argument: Vec<f64>,
}

impl Problem {
    /// The loss by the function under test.
    fn run(&self, argument: Tensor<2>, device: &Device, launch: Launch) -> Tensor<1> {
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

    fn case(&self, note: &str) -> Case {
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
    fn solve(&self) -> (f64, Vec<f64>) {
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
fn probabilities(logits: &[f64]) -> Vec<f64> {
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

    /// No score is at a kink, where rounding would decide on the gradient.
    #[test]
    fn scores_are_away_from_kinks() {
        for (count, _) in SCORES {
            assert!(scores(count).iter().all(|score| (score.abs() - 1.0).abs() > 0.05));
        }
    }
}
