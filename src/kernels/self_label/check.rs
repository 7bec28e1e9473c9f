//! Self-labelling from the definition.

use crate::kernels::compare::{Case, Outcome, Target, normals, numbers, on_device, rounded};
use crate::kernels::self_label::{PseudoLabel, label_rows_with, self_label_with};

/// Images and labels: one of everything, exact multiples of a workgroup, and ragged.
const CASES: [[usize; 2]; 7] = [[1, 1], [1, 10], [7, 3], [64, 10], [65, 100], [256, 64], [130, 17]];

/// Images and labels, how many images are real, and rows of label weights.
const MIXED: [([usize; 2], usize, usize); 4] =
    [([7, 3], 4, 7), ([7, 3], 1, 12), ([64, 10], 32, 96), ([130, 17], 65, 200)];

/// The least probability of a prior.
const SMALLEST_PRIOR: f64 = 1e-3;

/// Distance of every confidence from the threshold, so that rounding does not decide the gate.
const CLEARANCE: f64 = 1e-3;

/// Sums over labels in f32, and exponentials and logarithms with the accuracy that adapters guarantee.
const BUDGET: f64 = 1e-5;

/// Checks labels, gate and confidence.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for problem in problems().into_iter().chain(bad_problems()) {
        outcomes.extend(check_case(&problem, target).await);
    }
    for (dims, real, rows) in MIXED {
        for form in [PseudoLabel::Hard, PseudoLabel::Soft] {
            for known in [real, dims[0]] {
                outcomes.extend(check_rows(dims, [real, known], rows, form, target).await);
            }
        }
    }
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for problem in problems().into_iter().filter(|problem| problem.dims == [64, 10]) {
        outcomes.extend(check_case(&problem, target).await);
    }
    let (dims, real, rows) = MIXED[2];
    for form in [PseudoLabel::Hard, PseudoLabel::Soft] {
        outcomes.extend(check_rows(dims, [real, real], rows, form, target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, target: &Target) -> Vec<Outcome> {
    let [images, labels] = problem.dims;
    let prior = problem.prior.as_ref().map(|prior| on_device(prior, [1, labels], &target.device));
    let found = self_label_with(
        on_device(&problem.logits, problem.dims, &target.device),
        prior,
        on_device(&problem.allowed, problem.dims, &target.device),
        on_device(&problem.known, [images, 1], &target.device),
        problem.tau,
        problem.form,
        target.launch,
    );
    let expected = problem.solve();
    let mut case = problem.case();
    let settled = problem.settled;
    case.expect("labels", found.label_weights.slice([0..settled, 0..labels]), &expected.labels[..settled * labels])
        .await;
    case.expect("gate", found.gate, &expected.gate).await;
    case.expect("confidence", found.confidence, &expected.confidence).await;
    case.outcomes()
}

/// Checks images of which only the first `real` are real and only the first `flags` may be known, with label weights for
/// the other rows.
async fn check_rows(
    dims: [usize; 2],
    [real, flags]: [usize; 2],
    rows: usize,
    form: PseudoLabel,
    target: &Target,
) -> Vec<Outcome> {
    let [images, labels] = dims;
    let mut problem = Problem::new(dims, true, form);
    problem.allowed[real * labels..].fill(1.0);
    problem.known[flags..].fill(0.0);
    problem.tau = threshold(problem.solve().confidence);
    let given: Vec<f64> = numbers(3, (rows - real) * labels).into_iter().map(rounded).collect();
    let marks = [&problem.allowed[..real * labels], &given].concat();
    let prior = problem.prior.as_ref().map(|prior| on_device(prior, [1, labels], &target.device));
    let found = label_rows_with(
        on_device(&problem.logits, dims, &target.device),
        prior,
        [
            on_device(&marks, [rows, labels], &target.device),
            on_device(&problem.known[..flags], [flags, 1], &target.device),
        ],
        real,
        problem.tau,
        form,
        target.launch,
    );
    let expected = problem.solve();
    let known = if flags == real { String::new() } else { format!(", {flags} may be known") };
    let mut case = Case::new("self_label", format!("{dims:?} {form:?}, {real} real, {rows} rows{known}"), BUDGET);
    case.expect("labels", found.label_weights, &[&expected.labels[..real * labels], &given].concat()).await;
    case.expect("gate", found.gate, &expected.gate[..images]).await;
    case.expect("confidence", found.confidence, &expected.confidence).await;
    case.outcomes()
}

/// Every size, with and without a prior, and with both forms of pseudo-labels.
fn problems() -> Vec<Problem> {
    let mut problems = Vec::new();
    for dims in CASES {
        for corrects in [false, true] {
            problems.extend([PseudoLabel::Hard, PseudoLabel::Soft].map(|form| Problem::new(dims, corrects, form)));
        }
    }
    problems
}

/// One of five labels is impossible for the third image. The last three images have a logit that is NaN or infinite,
/// and so no probabilities. One of these images is known and passes the gate; the others do not, although everything
/// else passes the threshold. If probabilities are NaN, the highest label is undefined, and not compared.
fn bad_problems() -> Vec<Problem> {
    let mut problems = Vec::new();
    for (bad, corrects) in [(f64::NAN, false), (f64::NAN, true), (f64::INFINITY, false), (f64::INFINITY, true)] {
        for form in [PseudoLabel::Hard, PseudoLabel::Soft] {
            let mut problem = Problem::new([6, 5], corrects, form);
            problem.logits[2 * 5 + 4] = f64::NEG_INFINITY;
            for (image, label) in [(3, 1), (4, 0), (5, 4)] {
                problem.logits[image * 5 + label] = bad;
            }
            problem.tau = 0.01;
            problem.settled = if form == PseudoLabel::Hard { 3 } else { 6 };
            problems.push(problem);
        }
    }
    // A prior with NaN makes all probabilities NaN.
    let mut problem = Problem::new([6, 5], true, PseudoLabel::Soft);
    problem.allowed.fill(1.0);
    problem.prior.as_mut().expect("it corrects")[1] = f64::NAN;
    problem.tau = 0.01;
    problems.push(problem);
    problems
}

/// Random logits, with the labels that images may have. f32 holds all numbers exactly.
#[derive(Debug, Clone)]
struct Problem {
    dims: [usize; 2],
    /// `[images, labels]`.
    logits: Vec<f64>,
    /// `[1, labels]`.
    prior: Option<Vec<f64>>,
    /// 1 for labels that an image may have, `[images, labels]`.
    allowed: Vec<f64>,
    /// 1 for images that always pass the gate, `[images, 1]`.
    known: Vec<f64>,
    tau: f64,
    form: PseudoLabel,
    /// How many of the first images have labels to compare.
    settled: usize,
}

/// Its results.
struct Solution {
    labels: Vec<f64>,
    gate: Vec<f64>,
    confidence: Vec<f64>,
}

impl Problem {
    /// Every third image is known, and only every third may have all labels. No label leads by so little, and no
    /// confidence is so close to the threshold, that rounding would decide.
    fn new(dims: [usize; 2], corrects: bool, form: PseudoLabel) -> Self {
        let [images, labels] = dims;
        let is_allowed =
            |image: usize, label: usize| image % 3 == 2 || label == image % labels || label % 3 == image / 3 % 3;
        let allowed = |at: usize| f64::from(u8::from(is_allowed(at / labels, at % labels)));
        // Some labels have prior 0, and some less than the least probability.
        let prior = |label: usize| rounded([0.3, 1e-4, 0.05, 0.0, 0.7][label % 5] / (1.0 + label as f64).sqrt());
        let mut problem = Self {
            dims,
            logits: normals(0, images * labels).into_iter().map(|logit| rounded(f64::from(logit) * 2.0)).collect(),
            prior: corrects.then(|| (0..labels).map(prior).collect()),
            allowed: (0..images * labels).map(allowed).collect(),
            known: (0..images).map(|image| f64::from(u8::from(image % 3 == 0))).collect(),
            tau: 0.0,
            form,
            settled: images,
        };
        for image in 0..images {
            let best = first_of_highest(&problem.probabilities(image));
            let logit = &mut problem.logits[image * labels + best];
            *logit = rounded(*logit + 0.5);
        }
        problem.tau = threshold(problem.solve().confidence);
        problem
    }

    fn case(&self) -> Case {
        let Self { dims, form, tau, .. } = self;
        let prior = if self.prior.is_some() { "with" } else { "without" };
        let bad = self.logits.iter().find(|logit| logit.is_nan() || **logit == f64::INFINITY);
        let note = bad.map(|bad| format!(", some logits {bad}")).unwrap_or_default();
        Case::new("self_label", format!("{dims:?} {form:?} {prior} a prior, threshold {tau:.4}{note}"), BUDGET)
    }

    /// The probabilities of an image's labels, `[labels]`.
    fn probabilities(&self, image: usize) -> Vec<f64> {
        let exponential = |label: usize, highest: f64| {
            let corrected = self.corrected(image, label);
            let counts = self.allowed[image * self.dims[1] + label] == 1.0;
            // Excluding a label does not hide NaN and infinity.
            if counts || corrected.is_nan() || corrected == f64::INFINITY { (corrected - highest).exp() } else { 0.0 }
        };
        let corrected = (0..self.dims[1]).map(|label| self.corrected(image, label));
        let highest = corrected.fold(f64::NEG_INFINITY, f64::max);
        let exponentials: Vec<f64> = (0..self.dims[1]).map(|label| exponential(label, highest)).collect();
        let total: f64 = exponentials.iter().sum();
        exponentials.into_iter().map(|value| value / total).collect()
    }

    /// A logit minus the log of its label's prior.
    fn corrected(&self, image: usize, label: usize) -> f64 {
        let logit = self.logits[image * self.dims[1] + label];
        // Written so that NaN stays NaN.
        let least = |share: f64| if share < SMALLEST_PRIOR { SMALLEST_PRIOR } else { share };
        self.prior.as_ref().map_or(logit, |prior| logit - least(prior[label]).ln())
    }

    fn solve(&self) -> Solution {
        let mut solution = Solution { labels: Vec::new(), gate: Vec::new(), confidence: Vec::new() };
        for image in 0..self.dims[0] {
            let probabilities = self.probabilities(image);
            let best = first_of_highest(&probabilities);
            let confidence = probabilities[best];
            let passes = self.known[image] == 1.0 || confidence >= self.tau;
            solution.confidence.push(confidence);
            solution.gate.push(f64::from(u8::from(passes)));
            match self.form {
                PseudoLabel::Soft => solution.labels.extend(probabilities),
                PseudoLabel::Hard => {
                    solution.labels.extend((0..self.dims[1]).map(|label| f64::from(u8::from(label == best))));
                }
            }
        }
        solution
    }
}

/// The index of the first of the highest numbers; 0 if they are NaN.
fn first_of_highest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, at| if values[at] > values[best] { at } else { best })
}

/// A threshold near the median of the confidences, but close to none.
fn threshold(mut confidences: Vec<f64>) -> f64 {
    confidences.sort_by(f64::total_cmp);
    let median = confidences[confidences.len() / 2];
    let is_clear = |tau: &f64| confidences.iter().all(|confidence| (confidence - tau).abs() > CLEARANCE);
    (1..).map(|step| median + f64::from(step) * CLEARANCE).find(is_clear).expect("above all of them, if nowhere else")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_images(form: PseudoLabel, prior: Option<Vec<f64>>) -> Solution {
        let mut problem = Problem::new([2, 3], false, form);
        problem.logits = vec![0.0, 3f64.ln(), 9.0, 0.0, 3f64.ln(), 4f64.ln()];
        problem.allowed = vec![1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
        (problem.known, problem.prior, problem.tau) = (vec![0.0, 0.0], prior, 0.6);
        problem.solve()
    }

    fn close(found: &[f64], expected: &[f64]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9)
    }

    #[test]
    fn probabilities_are_those_of_allowed_labels() {
        let solution = two_images(PseudoLabel::Soft, None);
        assert!(close(&solution.labels, &[0.25, 0.75, 0.0, 0.125, 0.375, 0.5]), "{:?}", solution.labels);
        assert!(close(&solution.confidence, &[0.75, 0.5]));
        assert_eq!(solution.gate, [1.0, 0.0]);
        assert_eq!(two_images(PseudoLabel::Hard, None).labels, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_prior_divides_and_has_a_floor() {
        let solution = two_images(PseudoLabel::Soft, Some(vec![1e-3, 1e-9, 4e-3]));
        assert!(close(&solution.labels, &[0.25, 0.75, 0.0, 0.2, 0.6, 0.2]), "{:?}", solution.labels);
    }

    /// Rounding decides neither a label nor a gate, and some images pass the gate and some do not.
    #[test]
    fn every_case_is_clear() {
        for problem in problems().into_iter().chain(bad_problems()) {
            let solution = problem.solve();
            for image in 0..problem.settled.min(problem.dims[0]) {
                let mut probabilities = problem.probabilities(image);
                probabilities.sort_by(|a, b| b.total_cmp(a));
                let [highest, second, ..] = probabilities[..] else { continue };
                assert!(highest.is_nan() || highest > 1.05 * second, "{problem:?}");
            }
            let far = |confidence: &f64| confidence.is_nan() || (confidence - problem.tau).abs() > CLEARANCE / 2.0;
            assert!(solution.confidence.iter().all(far));
            assert!(problem.dims[0] == 1 || [0.0, 1.0].iter().all(|gate| solution.gate.contains(gate)), "{problem:?}");
        }
    }
}
