//! Batch normalisation with ReLU, its statistics and its gradients from the definition.

use burn::tensor::{Device, Tensor};

use crate::kernels::batch_norm::batch_norm_relu_with;
use crate::kernels::compare::{Case, Outcome, Target, normals, on_device};

/// Batch, channels, height and width, the rows of scale and shift, and the mean of the input: one of everything, planes
/// and channels that are exact multiples of a workgroup, ragged ones, more images than a workgroup has invocations,
/// means that are large compared with the deviation, and channels of several shares.
const CASES: [([usize; 4], usize, f64); 19] = [
    ([1, 1, 1, 1], 1, 1.0),
    ([2, 1, 1, 1], 1, 1.0),
    ([2, 1, 1, 1], 2, 1.0),
    ([1, 256, 2, 2], 1, 1.0),
    ([4, 3, 5, 7], 1, 1.0),
    ([4, 3, 5, 7], 4, 1.0),
    ([3, 17, 1, 33], 3, 1.0),
    ([5, 3, 1, 257], 1, 1.0),
    ([2, 3, 16, 16], 2, 1.0),
    ([4, 64, 8, 8], 1, 1.0),
    ([64, 16, 8, 8], 64, 1.0),
    ([64, 65, 4, 4], 1, 1.0),
    ([65, 3, 2, 2], 65, 1.0),
    ([130, 2, 1, 1], 1, 1.0),
    ([64, 4, 32, 32], 1, 1.0),
    ([9, 2, 31, 37], 9, 1.0),
    ([8, 5, 8, 9], 8, 300.0),
    ([5, 2, 29, 31], 1, 300.0),
    ([1, 2, 17, 241], 1, 1.0),
];

/// The approximate standard deviation of the input.
const DEVIATION: f64 = 3.0;

/// Added to the variance.
const EPSILON: f64 = 1e-5;

/// If the value before the ReLU is closer to 0 than this, the output's gradient is 0, since rounding would decide
/// whether it passes.
const KINK: f64 = 0.01;

/// Sums over a channel in f32, in any order.
const BUDGET: f64 = 5e-6;

/// Checks the output, the statistics and the gradients of all inputs.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, rows, mean) in CASES {
        outcomes.extend(check_case(&Problem::new(dims, rows, mean), "", target).await);
    }
    for (dims, rows) in [([4, 3, 5, 7], 1), ([4, 3, 5, 7], 4), ([130, 2, 1, 1], 1)] {
        outcomes.extend(check_parameters(&Problem::new(dims, rows, 1.0), target).await);
    }
    for rows in [1, 4] {
        let mut problem = Problem::new([4, 3, 5, 7], rows, 1.0);
        let passes = problem.before_cut(&problem.normalized()).iter().position(|before| *before > KINK);
        problem.gradient[passes.expect("about half are not cut")] = f64::NAN;
        outcomes.extend(check_case(&problem, ", NaN in the gradient", target).await);
        let mut problem = Problem::new([4, 3, 5, 7], rows, 1.0);
        problem.scale[1] = f64::NAN;
        outcomes.extend(check_forward(&problem, ", NaN in the scale", target).await);
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for rows in [1, 4] {
            let mut problem = Problem::new([4, 3, 5, 7], rows, 1.0);
            problem.x[40] = bad;
            outcomes.extend(check_forward(&problem, &format!(", {bad} in the input"), target).await);
            let mut problem = Problem::new([4, 3, 5, 7], rows, 1.0);
            problem.shift[1] = bad;
            outcomes.extend(check_forward(&problem, &format!(", {bad} in the shift"), target).await);
        }
    }
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, rows, mean) in [([4, 64, 8, 8], 1, 1.0), ([9, 2, 31, 37], 9, 1.0), ([8, 5, 8, 9], 8, 300.0)] {
        outcomes.extend(check_case(&Problem::new(dims, rows, mean), "", target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let (x, scale, shift) = problem.inputs(&device);
    let (x, scale, shift) = (x.require_grad(), scale.require_grad(), shift.require_grad());
    let (y, mean, variance) = batch_norm_relu_with(x.clone(), scale.clone(), shift.clone(), target.launch);
    let gradient = on_device(&problem.gradient, problem.dims, &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let expected = problem.solve();
    let mut statistics = problem.case(note, BUDGET, target);
    statistics.expect("mean", mean, &expected.mean).await;
    statistics.expect("variance", variance, &expected.variance).await;
    let mut case = problem.case(note, BUDGET * problem.condition(), target);
    case.expect("output", y, &expected.y).await;
    let x_gradient = x.grad_remove(&mut gradients).expect("the input is tracked");
    case.expect("gradient of the input", x_gradient, &expected.x_gradient).await;
    let scale_gradient = scale.grad_remove(&mut gradients).expect("the scale is tracked");
    case.expect("gradient of the scale", scale_gradient, &expected.scale_gradient).await;
    let shift_gradient = shift.grad_remove(&mut gradients).expect("the shift is tracked");
    case.expect("gradient of the shift", shift_gradient, &expected.shift_gradient).await;
    [statistics.outcomes(), case.outcomes()].concat()
}

/// Checks the gradients of scale and shift where the input needs none.
async fn check_parameters(problem: &Problem, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let (x, scale, shift) = problem.inputs(&device);
    let (scale, shift) = (scale.require_grad(), shift.require_grad());
    let (y, _, _) = batch_norm_relu_with(x, scale.clone(), shift.clone(), target.launch);
    let mut gradients = (y * on_device(&problem.gradient, problem.dims, &device)).sum_dim(3).backward();
    let expected = problem.solve();
    let mut case = problem.case(", parameters alone", BUDGET * problem.condition(), target);
    let scale_gradient = scale.grad_remove(&mut gradients).expect("the scale is tracked");
    case.expect("gradient of the scale", scale_gradient, &expected.scale_gradient).await;
    let shift_gradient = shift.grad_remove(&mut gradients).expect("the shift is tracked");
    case.expect("gradient of the shift", shift_gradient, &expected.shift_gradient).await;
    case.outcomes()
}

/// Checks only the output and the statistics, on plain tensors.
async fn check_forward(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let (x, scale, shift) = problem.inputs(&target.device);
    let (y, mean, variance) = batch_norm_relu_with(x, scale, shift, target.launch);
    let expected = problem.solve();
    let condition = Problem::new(problem.dims, problem.rows, 1.0).condition();
    let mut case = problem.case(note, BUDGET * condition, target);
    case.expect("mean", mean, &expected.mean).await;
    case.expect("variance", variance, &expected.variance).await;
    case.expect("output", y, &expected.y).await;
    case.outcomes()
}

/// Standard normal numbers, mapped by `change` and rounded to f32.
fn numbers(number: u64, count: usize, change: impl Fn(f64) -> f64) -> Vec<f64> {
    normals(number, count).into_iter().map(|value| f64::from(change(f64::from(value)) as f32)).collect()
}

/// Random input, scale and shift, and a gradient for the output. f32 holds all numbers exactly.
#[derive(Debug, Clone)]
struct Problem {
    dims: [usize; 4],
    rows: usize,
    /// `[batch, channels, height, width]`.
    x: Vec<f64>,
    /// `[rows, channels]`.
    scale: Vec<f64>,
    /// `[rows, channels]`.
    shift: Vec<f64>,
    /// `[batch, channels, height, width]`.
    gradient: Vec<f64>,
}

/// Its results.
struct Solution {
    y: Vec<f64>,
    mean: Vec<f64>,
    variance: Vec<f64>,
    x_gradient: Vec<f64>,
    scale_gradient: Vec<f64>,
    shift_gradient: Vec<f64>,
}

impl Problem {
    fn new(dims: [usize; 4], rows: usize, mean: f64) -> Self {
        let count = dims.iter().product();
        let mut problem = Self {
            dims,
            rows,
            x: numbers(0, count, |value| value * DEVIATION + mean),
            // Neither is close to 0, so that no plane is all at the kink or without a gradient.
            scale: numbers(1, rows * dims[1], |value| value + 0.5f64.copysign(value)),
            shift: numbers(2, rows * dims[1], |value| value + 0.5f64.copysign(value)),
            gradient: numbers(3, count, |value| value),
        };
        let before_cut = problem.before_cut(&problem.normalized());
        for (gradient, before) in problem.gradient.iter_mut().zip(before_cut) {
            if before.abs() < KINK {
                *gradient = 0.0;
            }
        }
        problem
    }

    /// Input, scale and shift on a device.
    fn inputs(&self, device: &Device) -> (Tensor<4>, Tensor<2>, Tensor<2>) {
        let parameters = [self.rows, self.dims[1]];
        (
            on_device(&self.x, self.dims, device),
            on_device(&self.scale, parameters, device),
            on_device(&self.shift, parameters, device),
        )
    }

    fn case(&self, note: &str, budget: f64, target: &Target) -> Case {
        let (largest, class) = (self.largest(), target.launch.class());
        let case = format!("{:?} rows {} up to {largest:.1}{note} {class}", self.dims, self.rows);
        Case::new("batch_norm_relu", case, budget)
    }

    /// The largest number of the input.
    fn largest(&self) -> f64 {
        self.x.iter().fold(0.0, |largest, x| x.abs().max(largest))
    }

    /// At most how much normalisation amplifies the rounding of the input and of its mean.
    fn condition(&self) -> f64 {
        let (_, variance) = self.statistics();
        let least = variance.into_iter().fold(f64::INFINITY, f64::min);
        (self.largest().max(1.0) / (least + EPSILON).sqrt()).max(1.0)
    }

    /// The channel of the input at a position in it.
    fn channel(&self, at: usize) -> usize {
        at / (self.dims[2] * self.dims[3]) % self.dims[1]
    }

    /// The position of its parameters in scale and shift.
    fn parameter(&self, at: usize) -> usize {
        if self.rows == 1 { self.channel(at) } else { at / (self.dims[2] * self.dims[3]) }
    }

    /// Means over each channel of `value` at every position of the input, `[channels]`.
    fn channel_means(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut means = vec![0.0; self.dims[1]];
        for at in 0..self.x.len() {
            means[self.channel(at)] += value(at);
        }
        let count = self.x.len() / self.dims[1];
        means.into_iter().map(|sum| sum / count as f64).collect()
    }

    /// Mean and biased variance, both `[channels]`.
    fn statistics(&self) -> (Vec<f64>, Vec<f64>) {
        let mean = self.channel_means(|at| self.x[at]);
        let variance = self.channel_means(|at| (self.x[at] - mean[self.channel(at)]).powi(2));
        (mean, variance)
    }

    fn normalized(&self) -> Vec<f64> {
        let (mean, variance) = self.statistics();
        let normalize = |(at, x): (usize, &f64)| {
            let channel = self.channel(at);
            (x - mean[channel]) / (variance[channel] + EPSILON).sqrt()
        };
        self.x.iter().enumerate().map(normalize).collect()
    }

    /// Scaled and shifted.
    fn before_cut(&self, normalized: &[f64]) -> Vec<f64> {
        let transform =
            |(at, value): (usize, &f64)| value * self.scale[self.parameter(at)] + self.shift[self.parameter(at)];
        normalized.iter().enumerate().map(transform).collect()
    }

    fn solve(&self) -> Solution {
        let (mean, variance) = self.statistics();
        let normalized = self.normalized();
        let before_cut = self.before_cut(&normalized);
        let passed: Vec<f64> =
            before_cut.iter().zip(&self.gradient).map(|(&before, &g)| if before > 0.0 { g } else { 0.0 }).collect();
        let [mut scale_gradient, mut shift_gradient] = [vec![0.0; self.scale.len()], vec![0.0; self.shift.len()]];
        for (at, passed) in passed.iter().enumerate() {
            scale_gradient[self.parameter(at)] += passed * normalized[at];
            shift_gradient[self.parameter(at)] += passed;
        }
        // The gradient of the normalised values, minus its components along a common shift and a common stretch.
        let direct = |at: usize| passed[at] * self.scale[self.parameter(at)];
        let level = self.channel_means(direct);
        let along = self.channel_means(|at| direct(at) * normalized[at]);
        let x_gradient = |at| {
            let channel = self.channel(at);
            (direct(at) - level[channel] - normalized[at] * along[channel]) / (variance[channel] + EPSILON).sqrt()
        };
        Solution {
            // Written so that NaN stays NaN.
            y: before_cut.iter().map(|&before| if before < 0.0 { 0.0 } else { before }).collect(),
            x_gradient: (0..self.x.len()).map(x_gradient).collect(),
            mean,
            variance,
            scale_gradient,
            shift_gradient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's output on numbers that are easy to follow.
    #[test]
    fn two_numbers_become_one_deviation_below_and_above() {
        let mut problem = Problem::new([2, 1, 1, 1], 1, 1.0);
        (problem.x, problem.scale, problem.shift) = (vec![1.0, 5.0], vec![3.0], vec![0.5]);
        let solution = problem.solve();
        assert_eq!((solution.mean, solution.variance), (vec![3.0], vec![4.0]));
        assert_eq!(solution.y[0], 0.0);
        assert!((solution.y[1] - (3.0 * 2.0 / 4.00001f64.sqrt() + 0.5)).abs() < 1e-12);
    }

    /// The oracle's gradients are those of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for (dims, rows) in [([3, 2, 2, 3], 1), ([3, 2, 2, 3], 3), ([1, 2, 3, 1], 1), ([4, 1, 1, 1], 4)] {
            let problem = Problem::new(dims, rows, 1.0);
            let solution = problem.solve();
            let agrees = |field: fn(&mut Problem) -> &mut Vec<f64>, gradient: &[f64]| {
                for (at, expected) in gradient.iter().enumerate() {
                    let moved = |by: f64| {
                        let mut problem = problem.clone();
                        field(&mut problem)[at] += by;
                        problem.solve().y.iter().zip(&problem.gradient).map(|(y, g)| y * g).sum::<f64>()
                    };
                    let found = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                    assert!(
                        (found - expected).abs() < 1e-7,
                        "{dims:?} rows {rows} {at}: {found} instead of {expected}"
                    );
                }
            };
            agrees(|problem| &mut problem.x, &solution.x_gradient);
            agrees(|problem| &mut problem.scale, &solution.scale_gradient);
            agrees(|problem| &mut problem.shift, &solution.shift_gradient);
        }
    }
}
