//! Power iteration, and division by the largest singular value with its gradient, from the definitions.

use burn::tensor::{Device, Tensor};

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::spectral_norm::{SingularVectors, power_iteration_with, spectral_norm_with};

/// Rows and columns: one of everything, one row, one column, exact multiples of the kernels' tiles, ragged, and so many
/// elements that two workgroups share them.
const MATRICES: [[usize; 2]; 9] =
    [[1, 1], [1, 64], [65, 1], [7, 3], [10, 129], [64, 64], [128, 256], [200, 301], [257, 64]];

/// Channels out, channels in, height and width of weights of convolutions.
const KERNELS: [[usize; 4]; 5] = [[1, 1, 1, 1], [16, 3, 3, 3], [13, 5, 2, 4], [64, 64, 3, 3], [130, 17, 3, 3]];

/// Added to lengths.
const EPSILON: f64 = 1e-12;

/// Sums of up to some ten thousand products in f32, in any order.
const BUDGET: f64 = 1e-5;

/// Checks one iteration, and the value and the gradient of a normalised weight.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in MATRICES {
        outcomes.extend(check_shape(dims, target).await);
    }
    for dims in KERNELS {
        outcomes.extend(check_shape(dims, target).await);
    }
    for bad in [f64::NAN, f64::INFINITY] {
        outcomes.extend(check_bad([7, 3], bad, target).await);
        outcomes.extend(check_bad([16, 3, 3, 3], bad, target).await);
    }
    let mut zero = Problem::new([3, 4]);
    zero.weight.fill(0.0);
    outcomes.extend(check_iteration(&zero, " of zeros", target).await);
    outcomes
}

async fn check_shape<const D: usize>(dims: [usize; D], target: &Target) -> Vec<Outcome> {
    let problem = Problem::new(dims);
    [check_iteration(&problem, "", target).await, check_gradient(&problem, "", target).await].concat()
}

/// Checks values with one element of the weight or of the vectors that is not finite, and the gradient with such an
/// element in the output's gradient.
async fn check_bad<const D: usize>(dims: [usize; D], bad: f64, target: &Target) -> Vec<Outcome> {
    let mut problem = Problem::new(dims);
    problem.weight[5] = bad;
    let note = format!(" with {bad}");
    let (weight, left, right) = problem.inputs(&target.device);
    let mut case = problem.case("spectral_norm", &note);
    case.expect("output", spectral_norm_with(weight, left, right, target.launch), &problem.normalized()).await;
    let mut sloped = Problem::new(dims);
    *sloped.gradient.last_mut().expect("a weight has elements") = bad;
    let gradients = check_gradient(&sloped, &format!(" with a gradient of {bad}"), target).await;
    let mut turned = Problem::new(dims);
    (turned.start[0], turned.left[0], turned.right[0]) = (bad, bad, bad);
    let vectors = check_iteration(&turned, &format!(" from a vector with {bad}"), target).await;
    let (weight, left, right) = turned.inputs(&target.device);
    case.expect("output for bad vectors", spectral_norm_with(weight, left, right, target.launch), &turned.normalized())
        .await;
    [check_iteration(&problem, &note, target).await, case.outcomes(), gradients, vectors].concat()
}

async fn check_iteration<const D: usize>(problem: &Problem<D>, note: &str, target: &Target) -> Vec<Outcome> {
    let weight = on_device(&problem.weight, problem.dims, &target.device);
    let start = on_device(&problem.start, [problem.dims[0]], &target.device);
    let SingularVectors { left, right } = power_iteration_with(weight, start, target.launch);
    let (expected_left, expected_right) = problem.iterate();
    let mut case = problem.case("power_iteration", note);
    case.expect("left vector", left, &expected_left).await;
    case.expect("right vector", right, &expected_right).await;
    case.outcomes()
}

async fn check_gradient<const D: usize>(problem: &Problem<D>, note: &str, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let (weight, left, right) = problem.inputs(&device);
    let weight = weight.require_grad();
    let scaled = spectral_norm_with(weight.clone(), left, right, target.launch);
    let gradient = on_device(&problem.gradient, problem.dims, &device);
    // The gradient of a sum of products along an axis is the other factor, whatever the order of the sum.
    let mut gradients = (scaled.clone() * gradient).sum_dim(D - 1).backward();
    let mut case = problem.case("spectral_norm", note);
    case.expect("output", scaled, &problem.normalized()).await;
    let weight_gradient = weight.grad_remove(&mut gradients).expect("the weight is tracked");
    case.expect("gradient of the weight", weight_gradient, &problem.weight_gradient()).await;
    case.outcomes()
}

/// A random weight and start of an iteration, and a gradient for the normalised weight. f32 holds all numbers exactly.
#[derive(Debug, Clone)]
struct Problem<const D: usize> {
    dims: [usize; D],
    /// `[rows, columns]`, where a row is an element of the first axis.
    weight: Vec<f64>,
    /// The left vector `[rows]` that an iteration starts from.
    start: Vec<f64>,
    /// The left result of the iteration, `[rows]`. With these vectors, the singular value, a divisor, is far from 0.
    left: Vec<f64>,
    /// The right one, `[columns]`.
    right: Vec<f64>,
    /// `[rows, columns]`.
    gradient: Vec<f64>,
}

impl<const D: usize> Problem<D> {
    fn new(dims: [usize; D]) -> Self {
        let count = dims.iter().product();
        let (weight, start, gradient) = (numbers(0, count), numbers(1, dims[0]), numbers(2, count));
        let mut problem = Self { dims, weight, start, left: Vec::new(), right: Vec::new(), gradient };
        let (left, right) = problem.iterate();
        let rounded = |vector: Vec<f64>| vector.into_iter().map(|value| f64::from(value as f32)).collect();
        (problem.left, problem.right) = (rounded(left), rounded(right));
        problem
    }

    /// Weight, left and right vector on a device.
    fn inputs(&self, device: &Device) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
        let [rows, columns] = [self.dims[0], self.columns()];
        (
            on_device(&self.weight, self.dims, device),
            on_device(&self.left, [rows], device),
            on_device(&self.right, [columns], device),
        )
    }

    fn case(&self, kernel: &'static str, note: &str) -> Case {
        Case::new(kernel, format!("{:?}{note}", self.dims), BUDGET)
    }

    fn columns(&self) -> usize {
        self.dims[1..].iter().product()
    }

    /// The left and the right vector after one iteration.
    fn iterate(&self) -> (Vec<f64>, Vec<f64>) {
        let right = unit(self.sums_down(&self.start));
        let left = unit(self.sums_across(&right));
        (left, right)
    }

    /// The weight's transpose times a vector of its rows, `[columns]`.
    fn sums_down(&self, left: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns()];
        for (row, factor) in self.weight.chunks(self.columns()).zip(left) {
            for (sum, element) in sums.iter_mut().zip(row) {
                *sum += element * factor;
            }
        }
        sums
    }

    /// The weight times a vector of its columns, `[rows]`.
    fn sums_across(&self, right: &[f64]) -> Vec<f64> {
        let sum = |row: &[f64]| row.iter().zip(right).map(|(element, factor)| element * factor).sum();
        self.weight.chunks(self.columns()).map(sum).collect()
    }

    /// The estimate of the largest singular value.
    fn singular_value(&self) -> f64 {
        self.sums_across(&self.right).iter().zip(&self.left).map(|(element, factor)| element * factor).sum()
    }

    fn normalized(&self) -> Vec<f64> {
        let value = self.singular_value();
        self.weight.iter().map(|element| element / value).collect()
    }

    /// The gradient of the weight: directly, and through the singular value.
    fn weight_gradient(&self) -> Vec<f64> {
        let value = self.singular_value();
        let product: f64 = self.weight.iter().zip(&self.gradient).map(|(element, gradient)| element * gradient).sum();
        let value_gradient = -product / value.powi(2);
        let at = |at: usize| {
            let (row, column) = (at / self.columns(), at % self.columns());
            self.gradient[at] / value + value_gradient * self.left[row] * self.right[column]
        };
        (0..self.weight.len()).map(at).collect()
    }
}

/// A vector scaled to length 1.
fn unit(vector: Vec<f64>) -> Vec<f64> {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt() + EPSILON;
    vector.into_iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's iteration keeps the singular vectors of a diagonal matrix, and finds its singular value.
    #[test]
    fn singular_vectors_stay() {
        let mut problem = Problem::new([2, 3]);
        (problem.weight, problem.start) = (vec![0.0, 4.0, 0.0, -2.0, 0.0, 0.0], vec![3.0, 0.0]);
        (problem.left, problem.right) = problem.iterate();
        let close = |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close(&problem.left, &[1.0, 0.0]) && close(&problem.right, &[0.0, 1.0, 0.0]));
        assert!(close(&problem.normalized(), &[0.0, 1.0, 0.0, -0.5, 0.0, 0.0]));
    }

    /// The oracle's gradient is that of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        agrees([1, 1]);
        agrees([3, 5]);
        agrees([3, 2, 1, 2]);
    }

    fn agrees<const D: usize>(dims: [usize; D]) {
        let problem = Problem::new(dims);
        for (at, expected) in problem.weight_gradient().iter().enumerate() {
            let moved = |by: f64| {
                let mut problem = problem.clone();
                problem.weight[at] += by;
                problem.normalized().iter().zip(&problem.gradient).map(|(y, g)| y * g).sum::<f64>()
            };
            let found = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((found - expected).abs() < 1e-7, "{dims:?} {at}: {found} instead of {expected}");
        }
    }
}
