//! Convolutions between leaky ReLUs.

use burn::tensor::Tensor;

use super::problem::{BUDGET, IN_PARTS, Problem, Solution, plain, targets};
use crate::kernels::compare::{Case, Outcome, Target, tensor};
use crate::kernels::conv2d::{Activations, ConvShape, conv2d_leaky_relu};
use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::SLOPE;

/// Without tiles and with them, ragged, and with sums in shares.
const CASES: [([usize; 6], ConvShape); 3] =
    [([9, 3, 7, 5, 4, 3], plain(2)), ([8, 3, 16, 16, 16, 3], plain(2)), ([4, 70, 4, 4, 40, 3], plain(1))];

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape) in CASES {
        for target in targets(target, dims, shape) {
            outcomes.extend(check_case(&Problem::new(dims, shape), "", &target).await);
        }
    }
    outcomes
}

/// Checks one in parts of the batch.
pub async fn check_parts(target: &Target) -> Vec<Outcome> {
    let (dims, shape) = IN_PARTS[0];
    check_case(&Problem::new(dims, shape), "in parts ", target).await
}

/// The cases of the reproducibility suite: without shares and with them.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape) in [CASES[1], CASES[2]] {
        outcomes.extend(check_case(&Problem::new(dims, shape), "", target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, form: &str, target: &Target) -> Vec<Outcome> {
    let Problem { dims: [batch, inputs, height, width, outputs, size], shape, .. } = *problem;
    let (device, launch) = (target.device.clone().autodiff(), target.launch);
    let x = tensor(&problem.x, [batch, inputs, height, width], &device).require_grad();
    let weight = tensor(&problem.weight, [outputs, inputs, size, size], &device).require_grad();
    let bias = tensor(&problem.bias, [outputs], &device).require_grad();
    let y = conv2d_leaky_relu(leaky(x.clone(), launch), weight.clone(), bias.clone(), shape, launch).values();
    let gradient = tensor(&problem.gradient, y.dims(), &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let expected = solve(problem);
    let mut case = Case::new("conv2d", format!("{:?} {shape:?} leaky {form}{}", problem.dims, launch.class()), BUDGET);
    case.expect("output", y, &expected.y).await;
    let found = x.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the input", found, &expected.x_gradient).await;
    let found = weight.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the weights", found, &expected.weight_gradient).await;
    let found = bias.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the bias", found, &expected.bias_gradient).await;
    case.outcomes()
}

/// The leaky ReLU of `x`, from a convolution that changes nothing else.
fn leaky(x: Tensor<4>, launch: Launch) -> Activations {
    let ([_, channels, _, _], device) = (x.dims(), x.device());
    let mut ones = vec![0.0; channels * channels];
    ones.iter_mut().step_by(channels + 1).for_each(|weight| *weight = 1.0);
    let weight = tensor(&ones, [channels, channels, 1, 1], &device);
    conv2d_leaky_relu(x.into(), weight, tensor(&vec![0.0; channels], [channels], &device), plain(1), launch)
}

/// The convolution of the leaky ReLU of the input, behind a leaky ReLU.
fn solve(problem: &Problem) -> Solution {
    let mut inner = problem.clone();
    inner.x.iter_mut().for_each(|x| *x *= slope(f64::from(*x)) as f32);
    let y = inner.solve().y;
    inner.gradient.iter_mut().zip(&y).for_each(|(gradient, y)| *gradient *= slope(*y) as f32);
    let mut solution = inner.solve();
    solution.y = y.iter().map(|y| y * slope(*y)).collect();
    solution.x_gradient.iter_mut().zip(&problem.x).for_each(|(gradient, x)| *gradient *= slope(f64::from(*x)));
    solution
}

fn slope(x: f64) -> f64 {
    if x > 0.0 { 1.0 } else { f64::from(SLOPE) }
}
