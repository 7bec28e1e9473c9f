//! Elementwise functions and their gradients, from the definitions.

use burn::tensor::{Int, Tensor, TensorData};

use super::{Case, Outcome, Target, numbers, on_device, tensor};
use crate::kernels::launch::Launch;

/// A function of one number and its slope, in float64, with the operation to check against them.
#[derive(Debug, Clone, Copy)]
pub struct Activation {
    pub name: &'static str,
    pub value: fn(f64) -> f64,
    pub slope: fn(f64) -> f64,
    pub tested: fn(Tensor<4>, Launch) -> Tensor<4>,
    pub budget: f64,
}

/// One element, exact multiples of an invocation's and of a workgroup's share, one more, ragged, and many workgroups.
const CASES: [[usize; 4]; 6] =
    [[1, 1, 1, 1], [1, 1, 8, 8], [1, 4, 8, 8], [1, 1, 1, 257], [3, 5, 7, 11], [8, 16, 16, 16]];

/// Inputs that random ones do not come near: leaky ReLU has its lower slope at zeros of both signs, and the
/// exponentials of the last ones overflow.
const RARE: [f64; 8] = [0.0, -0.0, 1e-30, -1e-30, 12.0, -12.0, 100.0, -100.0];

/// More elements than 65,535 workgroups take with 4 for each of 64 invocations, so that the grid has two rows.
const LARGE: [usize; 4] = [1, 3, 2_049, 2_731];

/// Distance between the compared elements of the large tensor; a prime number, so that they fall on all places of a
/// workgroup's share.
const STRIDE: usize = 4_099;

pub async fn check(activation: Activation, target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in CASES {
        outcomes.extend(check_case(activation, &Problem::new(dims), "", target).await);
    }
    outcomes.extend(check_case(activation, &Problem::sweep(), " from -10 to 10", target).await);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut problem = Problem::new([3, 5, 7, 11]);
        (problem.x[100], problem.gradient[200]) = (bad, bad);
        outcomes.extend(check_case(activation, &problem, &format!(" with {bad}"), target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(activation: Activation, target: &Target) -> Vec<Outcome> {
    let ragged = check_case(activation, &Problem::new([3, 5, 7, 11]), "", target).await;
    [ragged, check_case(activation, &Problem::sweep(), " from -10 to 10", target).await].concat()
}

async fn check_case(activation: Activation, problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let x = on_device(&problem.x, problem.dims, &device).require_grad();
    let y = (activation.tested)(x.clone(), target.launch);
    let gradient = on_device(&problem.gradient, problem.dims, &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let mut case = Case::new(activation.name, format!("{:?}{note}", problem.dims), activation.budget);
    case.expect("output", y, &problem.values(activation)).await;
    let found = x.grad_remove(&mut gradients).expect("the input is tracked");
    case.expect("gradient of the input", found, &problem.slopes(activation)).await;
    case.outcomes()
}

/// Checks some thousand elements of a large tensor, including the last ones. All rows have the same gradient.
pub async fn check_large(activation: Activation, target: &Target) -> Vec<Outcome> {
    let count: usize = LARGE.iter().product();
    let width = LARGE[3];
    let row = numbers(1, width);
    let places: Vec<usize> = (0..count).step_by(STRIDE).chain(count - 300..count).collect();
    let (value, slope) = (activation.value, activation.slope);
    let expected_y: Vec<f64> = places.iter().map(|&at| value(f64::from(spread_number(at)))).collect();
    let expected_gradient: Vec<f64> =
        places.iter().map(|&at| slope(f64::from(spread_number(at))) * row[at % width]).collect();

    let device = target.device.clone().autodiff();
    let x = tensor(&(0..count).map(spread_number).collect::<Vec<_>>(), LARGE, &device).require_grad();
    let y = (activation.tested)(x.clone(), target.launch);
    let mut gradients = (y.clone() * on_device(&row, [1, 1, 1, width], &device)).sum_dim(3).backward();
    let mut case = Case::new(activation.name, format!("{LARGE:?}"), activation.budget);
    case.expect("output", elements_at(y.without_autodiff(), &places), &expected_y).await;
    let found = x.grad_remove(&mut gradients).expect("the input is tracked");
    case.expect("gradient of the input", elements_at(found, &places), &expected_gradient).await;
    case.outcomes()
}

/// A number from -1.5 to -0.5 or from 0.5 to 1.5 for a position, cheap enough for millions; neighbours have little in
/// common.
fn spread_number(at: usize) -> f32 {
    // The golden ratio in units of 2^-32 (Knuth's multiplicative hashing).
    let word = (at as u32).wrapping_mul(2_654_435_769);
    let size = 0.5 + ((word << 1) >> 9) as f32 / 8_388_608.0;
    if word >> 31 == 0 { size } else { -size }
}

/// Some elements of a tensor, `[places]`.
fn elements_at(tensor: Tensor<4>, places: &[usize]) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    let indices: Vec<i32> = places.iter().map(|&at| i32::try_from(at).expect("a place in a tensor")).collect();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [places.len()]), &tensor.device());
    tensor.reshape([count]).select(0, indices)
}

/// A random input and a gradient for the output, both of shape `dims`.
#[derive(Debug, Clone)]
struct Problem {
    dims: [usize; 4],
    x: Vec<f64>,
    gradient: Vec<f64>,
}

impl Problem {
    fn new(dims: [usize; 4]) -> Self {
        let count = dims.iter().product();
        let mut x = numbers(0, count);
        if count > RARE.len() {
            x[..RARE.len()].copy_from_slice(&RARE);
        }
        Self { dims, x, gradient: numbers(1, count) }
    }

    /// Inputs from -10 to 10, side by side.
    fn sweep() -> Self {
        let dims = [1, 3, 29, 23];
        let count: usize = dims.iter().product();
        let place = |at| f64::from((20.0 * at as f64 / (count - 1) as f64 - 10.0) as f32);
        Self { dims, x: (0..count).map(place).collect(), gradient: numbers(1, count) }
    }

    fn values(&self, activation: Activation) -> Vec<f64> {
        self.x.iter().map(|&x| (activation.value)(x)).collect()
    }

    /// The gradient of the input.
    fn slopes(&self, activation: Activation) -> Vec<f64> {
        self.x.iter().zip(&self.gradient).map(|(&x, gradient)| (activation.slope)(x) * gradient).collect()
    }
}

/// Asserts at some places that an oracle's slopes agree with its values.
#[cfg(test)]
pub fn slopes_agree_with_finite_differences(activation: Activation) {
    for x in [-20.0, -3.0, -0.75, -0.01, 0.01, 0.5, 2.0, 20.0] {
        let found = ((activation.value)(x + 1e-5) - (activation.value)(x - 1e-5)) / 2e-5;
        let expected = (activation.slope)(x);
        assert!((found - expected).abs() < 1e-8, "{} {x}: {found} instead of {expected}", activation.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The large case needs a second row of workgroups, and its numbers have both signs and are away from 0.
    #[test]
    fn the_large_case_is_large_and_mixed() {
        assert!(LARGE.iter().product::<usize>() > 65_535 * 64 * 4);
        let numbers: Vec<f32> = (0..10_000).map(spread_number).collect();
        assert!(numbers.iter().all(|number| (0.5..=1.5).contains(&number.abs())));
        assert!((4_000..6_000).contains(&numbers.iter().filter(|&&number| number > 0.0).count()));
    }
}
