//! Arguments of the losses: of every size, with all images, some and none, and with numbers that are not finite.

use super::problem::{Loss, Problem, probabilities};
use crate::kernels::compare::{numbers, rounded};

/// Numbers of scores and of real images: one of each kind, exact multiples of a workgroup, and ragged.
const SCORES: [(usize, usize); 6] = [(2, 1), (7, 5), (128, 64), (135, 65), (135, 1), (512, 256)];

/// Images and labels: one of everything, exact multiples of a workgroup, and ragged.
const LOGITS: [[usize; 2]; 6] = [[1, 1], [1, 10], [3, 7], [64, 10], [65, 100], [256, 64]];

/// Images of each kind in a sum of cross-entropies, and labels: without one kind or two, and ragged.
const SUMS: [([usize; 3], usize); 5] =
    [([64, 64, 32], 10), ([3, 2, 1], 7), ([0, 65, 64], 3), ([65, 0, 2], 10), ([0, 0, 5], 4)];

/// Standard deviations of logits: a usual one, and one so large that plain exponentials overflow in f32.
const SPREADS: [f64; 2] = [2.0, 50.0];

/// Hinge losses of every size, with all images, some, none, and none of one kind.
pub fn hinges() -> Vec<Problem> {
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
pub fn entropies() -> Vec<Problem> {
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
pub fn sums() -> Vec<Problem> {
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
pub fn bad_arguments() -> Vec<Problem> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// No score is at a kink, where rounding would decide on the gradient.
    #[test]
    fn scores_are_away_from_kinks() {
        for (count, _) in SCORES {
            assert!(scores(count).iter().all(|score| (score.abs() - 1.0).abs() > 0.05));
        }
    }
}
