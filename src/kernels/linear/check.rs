//! Linear layers, sums of rows and their gradients, from the definition.

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::conv2d;
use crate::kernels::linear::{PIXEL, linear_with, weighted_rows};

/// Batch, numbers in, numbers out: one of everything, a row or a column, exact multiples of the kernels' tiles, the
/// head of a network, and ragged.
const CASES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [1, 300, 1],
    [5, 1, 3],
    [64, 64, 64],
    [256, 64, 256],
    [64, 1024, 10],
    [7, 33, 5],
    [65, 127, 19],
    [3, 257, 65],
];

/// Sizes of the problems with a number that is not finite: for kernels without tiles and with them.
const BAD_DIMS: [[usize; 3]; 2] = [[7, 33, 5], [40, 65, 33]];

/// Sums of up to a thousand products in f32, in any order.
const BUDGET: f64 = 1e-5;

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in CASES {
        for target in targets(target, dims) {
            outcomes.extend(check_case(&Problem::new(dims), "", &target).await);
            outcomes.extend(check_rows(&Problem::new(dims).without_bias(), "", &target).await);
        }
    }
    // One bad number at a time, since two could meet as the difference of infinities in one result and not in another.
    let fields: [fn(&mut Problem) -> &mut Vec<f64>; 4] = [
        |problem| &mut problem.x,
        |problem| &mut problem.weight,
        |problem| &mut problem.bias,
        |problem| &mut problem.gradient,
    ];
    let bads = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for (dims, bad) in BAD_DIMS.into_iter().flat_map(|dims| bads.map(|bad| (dims, bad))) {
        for (field, name) in fields.into_iter().zip(["input", "weights", "bias", "gradient"]) {
            let mut problem = Problem::new(dims);
            field(&mut problem)[4] = bad;
            let note = format!(" with {bad} in the {name}");
            for target in targets(target, dims) {
                outcomes.extend(check_case(&problem, &note, &target).await);
                if name != "bias" {
                    outcomes.extend(check_rows(&problem.without_bias(), &note, &target).await);
                }
            }
        }
    }
    outcomes
}

/// The target with each set of kernels that there is for a layer.
fn targets(target: &Target, [batch, inputs, outputs]: [usize; 3]) -> Vec<Target> {
    conv2d::check::targets(target, [batch, inputs, 1, 1, outputs, 1], PIXEL)
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in [[64, 64, 64], [64, 1024, 10], [65, 127, 19], [3, 257, 65]] {
        outcomes.extend(check_case(&Problem::new(dims), "", target).await);
        outcomes.extend(check_rows(&Problem::new(dims).without_bias(), "", target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let [batch, inputs, outputs] = problem.dims;
    let device = target.device.clone().autodiff();
    let x = on_device(&problem.x, [batch, inputs], &device).require_grad();
    let weight = on_device(&problem.weight, [outputs, inputs], &device).require_grad();
    let bias = on_device(&problem.bias, [outputs], &device).require_grad();
    let y = linear_with(x.clone(), weight.clone(), bias.clone(), target.launch);
    let gradient = on_device(&problem.gradient, [batch, outputs], &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(1).backward();
    let expected = problem.solve();
    let mut case = Case::new("linear", format!("{:?} {}{note}", problem.dims, target.launch.class()), BUDGET);
    case.expect("output", y, &expected.y).await;
    let found = x.grad_remove(&mut gradients).expect("the input is tracked");
    case.expect("gradient of the input", found, &expected.x_gradient).await;
    let found = weight.grad_remove(&mut gradients).expect("the weights are tracked");
    case.expect("gradient of the weights", found, &expected.weight_gradient).await;
    let found = bias.grad_remove(&mut gradients).expect("the bias is tracked");
    case.expect("gradient of the bias", found, &expected.bias_gradient).await;
    case.outcomes()
}

/// A sum of rows is a linear layer without a bias, whose weights are the transpose of the table.
async fn check_rows(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let [batch, rows, features] = problem.dims;
    let device = target.device.clone().autodiff();
    let weights = on_device(&problem.x, [batch, rows], &device).require_grad();
    let table = on_device(&transposed(&problem.weight, rows), [rows, features], &device).require_grad();
    let y = weighted_rows(weights.clone(), table.clone(), target.launch);
    let gradient = on_device(&problem.gradient, [batch, features], &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(1).backward();
    let expected = problem.solve();
    let case = format!("{:?} as rows {}{note}", problem.dims, target.launch.class());
    let mut case = Case::new("linear", case, BUDGET);
    case.expect("sums of rows", y, &expected.y).await;
    let found = weights.grad_remove(&mut gradients).expect("the weights are tracked");
    case.expect("gradient of the weights of rows", found, &expected.x_gradient).await;
    let found = table.grad_remove(&mut gradients).expect("the table is tracked");
    case.expect("gradient of the table", found, &transposed(&expected.weight_gradient, rows)).await;
    case.outcomes()
}

/// The transpose of a matrix with `columns` columns.
fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
    (0..columns).flat_map(|column| matrix.iter().skip(column).step_by(columns).copied()).collect()
}

/// Random input, weights, bias, and a gradient for the output.
#[derive(Debug, Clone)]
struct Problem {
    /// Batch, numbers in, numbers out.
    dims: [usize; 3],
    /// `[batch, in]`.
    x: Vec<f64>,
    /// `[out, in]`.
    weight: Vec<f64>,
    /// `[out]`.
    bias: Vec<f64>,
    /// `[batch, out]`.
    gradient: Vec<f64>,
}

/// Its results.
struct Solution {
    y: Vec<f64>,
    x_gradient: Vec<f64>,
    weight_gradient: Vec<f64>,
    bias_gradient: Vec<f64>,
}

impl Problem {
    fn new(dims @ [batch, inputs, outputs]: [usize; 3]) -> Self {
        Self {
            dims,
            x: numbers(0, batch * inputs),
            weight: numbers(1, outputs * inputs),
            bias: numbers(2, outputs),
            gradient: numbers(3, batch * outputs),
        }
    }

    fn without_bias(&self) -> Self {
        Self { bias: vec![0.0; self.bias.len()], ..self.clone() }
    }

    fn solve(&self) -> Solution {
        let [batch, inputs, outputs] = self.dims;
        let mut solution = Solution {
            y: self.bias.repeat(batch),
            x_gradient: vec![0.0; self.x.len()],
            weight_gradient: vec![0.0; self.weight.len()],
            bias_gradient: vec![0.0; outputs],
        };
        for y_at in 0..batch * outputs {
            let (row, output) = (y_at / outputs, y_at % outputs);
            for input in 0..inputs {
                let (x_at, weight_at) = (row * inputs + input, output * inputs + input);
                solution.y[y_at] += self.x[x_at] * self.weight[weight_at];
                solution.x_gradient[x_at] += self.gradient[y_at] * self.weight[weight_at];
                solution.weight_gradient[weight_at] += self.gradient[y_at] * self.x[x_at];
            }
            solution.bias_gradient[output] += self.gradient[y_at];
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's output on numbers that are easy to follow.
    #[test]
    fn a_row_of_weights_makes_an_output() {
        let mut problem = Problem::new([1, 2, 2]);
        (problem.x, problem.weight, problem.bias) = (vec![1.0, 10.0], vec![2.0, 3.0, 4.0, 5.0], vec![0.5, -0.5]);
        assert_eq!(problem.solve().y, [32.5, 53.5]);
    }

    /// The oracle's gradients are those of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for dims in [[1, 1, 1], [3, 4, 2], [2, 3, 5]] {
            let problem = Problem::new(dims);
            let solution = problem.solve();
            let agrees = |field: fn(&mut Problem) -> &mut Vec<f64>, gradient: &[f64]| {
                for (at, expected) in gradient.iter().enumerate() {
                    let moved = |by: f64| {
                        let mut problem = problem.clone();
                        field(&mut problem)[at] += by;
                        problem.solve().y.iter().zip(&problem.gradient).map(|(y, g)| y * g).sum::<f64>()
                    };
                    // The loss is linear in each number, so a step of 1 will do.
                    let found = moved(0.5) - moved(-0.5);
                    assert!((found - expected).abs() < 1e-9, "{dims:?} {at}: {found} instead of {expected}");
                }
            };
            agrees(|problem| &mut problem.x, &solution.x_gradient);
            agrees(|problem| &mut problem.weight, &solution.weight_gradient);
            agrees(|problem| &mut problem.bias, &solution.bias_gradient);
        }
    }
}
