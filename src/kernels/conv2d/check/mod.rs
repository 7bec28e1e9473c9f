//! Convolution and its gradients from the definition.

mod leaky;
mod problem;
mod residual;

use crate::kernels::class::DeviceClass;
use crate::kernels::compare::{Case, Outcome, Target, tensor};
use crate::kernels::conv2d::{ConvShape, conv2d_with};
pub use problem::targets;
use problem::{BUDGET, ENLARGING, IN_PARTS, Problem, plain};

/// Batch, channels in, height, width, channels out and kernel size, with stride and enlargement: one of everything,
/// exact multiples of the kernels' tiles, ragged, and every size of kernel with both strides. The next ones are large
/// enough for the tiles that workgroups share, in every size, with long sums in shares. Four have images or kernels that
/// are large enough for the CPU to cut them: the first three into bands of rows, the fourth into channels. The last two
/// are ragged in all but the width, as Winograd's convolution allows.
const CASES: [([usize; 6], ConvShape); 32] = [
    ([1, 1, 1, 1, 1, 1], plain(1)),
    ([1, 1, 1, 1, 1, 3], ENLARGING),
    ([2, 3, 8, 8, 16, 3], plain(1)),
    ([8, 16, 16, 16, 32, 3], plain(1)),
    ([9, 3, 7, 5, 4, 3], plain(2)),
    ([17, 2, 5, 6, 3, 3], ENLARGING),
    ([8, 32, 4, 4, 16, 3], ENLARGING),
    ([3, 5, 9, 4, 2, 2], plain(2)),
    ([2, 4, 6, 6, 3, 4], plain(2)),
    ([2, 3, 4, 4, 7, 1], ENLARGING),
    ([3, 7, 3, 5, 4, 1], plain(1)),
    ([2, 4, 6, 5, 9, 1], plain(1)),
    ([2, 3, 7, 7, 5, 1], plain(2)),
    ([2, 3, 5, 6, 4, 2], plain(1)),
    ([2, 5, 6, 7, 3, 4], plain(1)),
    ([3, 17, 5, 5, 19, 3], plain(1)),
    ([64, 100, 1, 1, 10, 1], plain(1)),
    ([8, 6, 33, 32, 61, 3], plain(1)),
    ([8, 6, 16, 17, 61, 3], ENLARGING),
    ([4, 70, 4, 4, 40, 3], plain(1)),
    ([9, 20, 7, 5, 36, 1], plain(2)),
    ([9, 20, 7, 6, 36, 2], plain(2)),
    ([9, 20, 7, 5, 36, 3], plain(2)),
    ([9, 20, 7, 6, 36, 4], plain(2)),
    ([9, 20, 7, 5, 36, 2], plain(1)),
    ([9, 20, 7, 5, 36, 4], plain(1)),
    ([2, 40, 23, 21, 41, 3], plain(1)),
    ([2, 41, 23, 21, 40, 3], plain(1)),
    ([2, 9, 20, 18, 30, 3], ENLARGING),
    ([60, 20, 7, 6, 36, 4], plain(2)),
    ([3, 17, 5, 4, 19, 3], plain(1)),
    ([2, 66, 9, 12, 70, 3], plain(1)),
];

/// Sizes of the problems with a number that is not finite: for kernels without tiles and with them.
const BAD_DIMS: [[usize; 6]; 2] = [[2, 3, 8, 8, 4, 3], [8, 9, 8, 8, 12, 3]];

/// Checks convolutions in parts, of which only large ones consist otherwise.
pub async fn check_parts(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for target in target.for_classes(&[DeviceClass::Integrated, DeviceClass::DiscreteWinograd]) {
        let target = Target { launch: target.launch.in_parts(), ..target };
        for (dims, shape) in IN_PARTS {
            outcomes.extend(check_case(&Problem::new(dims, shape), true, &target).await);
        }
        outcomes.extend(leaky::check_parts(&target).await);
        outcomes.extend(residual::check_parts(&target).await);
    }
    outcomes
}

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape) in CASES {
        outcomes.extend(check_classes(&Problem::new(dims, shape), true, target).await);
    }
    // More channels than a row of a grid has workgroups. The gradient of the input sums over them in a loop that is too
    // long for some adapters (docs/kernels.md), so the input is not tracked.
    outcomes.extend(check_classes(&Problem::new([1, 1, 1, 1, 65_537, 1], ENLARGING), false, target).await);
    for problem in bad_problems() {
        outcomes.extend(check_classes(&problem, true, target).await);
    }
    outcomes.extend(leaky::check(target).await);
    outcomes.extend(residual::check(target).await);
    outcomes
}

/// Checks a problem with each set of kernels that there is for it. Winograd's convolution adds pixels and weights before
/// it multiplies them, so infinities may become NaN there.
async fn check_classes(problem: &Problem, tracks_input: bool, target: &Target) -> Vec<Outcome> {
    let mut targets = targets(target, problem.dims, problem.shape);
    if problem.has_infinity() {
        targets.retain(|target| target.launch.class() != DeviceClass::DiscreteWinograd);
    }
    let mut outcomes = Vec::new();
    for target in targets {
        outcomes.extend(check_case(problem, tracks_input, &target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite: with and without tiles, sums in shares, every stride, and enlargement.
const SUITE: [([usize; 6], ConvShape); 7] = [
    ([8, 16, 16, 16, 32, 3], plain(1)),
    ([9, 3, 7, 5, 4, 3], plain(2)),
    ([8, 32, 4, 4, 16, 3], ENLARGING),
    ([8, 6, 33, 32, 61, 3], plain(1)),
    ([8, 6, 16, 17, 61, 3], ENLARGING),
    ([4, 70, 4, 4, 40, 3], plain(1)),
    ([9, 20, 7, 6, 36, 4], plain(2)),
];

/// The cases of the reproducibility suite. GPUs get some also in parts, as only large ones are otherwise. Of Winograd's
/// convolution, which the suite itself does not have, it is the cases that there can be.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    if target.launch.class() == DeviceClass::DiscreteWinograd {
        return winograd(target).await;
    }
    let mut outcomes = Vec::new();
    for (dims, shape) in SUITE {
        outcomes.extend(check_case(&Problem::new(dims, shape), true, target).await);
    }
    if target.launch.class() != DeviceClass::Software {
        let in_parts = Target { launch: target.launch.in_parts(), ..target.clone() };
        for (dims, shape) in [IN_PARTS[0], IN_PARTS[2]] {
            outcomes.extend(check_case(&Problem::new(dims, shape), true, &in_parts).await);
        }
    }
    outcomes.extend(leaky::suite(target).await);
    outcomes.extend(residual::suite(target).await);
    outcomes
}

async fn winograd(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape) in SUITE {
        let targets = targets(target, dims, shape).into_iter();
        for target in targets.filter(|target| target.launch.class() == DeviceClass::DiscreteWinograd) {
            outcomes.extend(check_case(&Problem::new(dims, shape), true, &target).await);
        }
    }
    outcomes
}

/// Convolutions with a number that is not finite: in the input; in the middle of a kernel, which never meets the
/// padding (elsewhere NaN times padding would give NaN at the border); in the bias; and in the gradient of an output
/// that is not at the border. An enlarging convolution gets no infinities: adding weights before multiplying may turn
/// them into NaN.
fn bad_problems() -> Vec<Problem> {
    let mut problems = Vec::new();
    let shapes = [plain(1), plain(2), ENLARGING];
    for (dims, shape) in BAD_DIMS.into_iter().flat_map(|dims| shapes.map(|shape| (dims, shape))) {
        let infinities = [f32::INFINITY, f32::NEG_INFINITY].into_iter().filter(|_| !shape.enlarge);
        for bad in infinities.chain([f32::NAN]) {
            let mut four = [(); 4].map(|()| Problem::new(dims, shape));
            let [_, columns] = four[0].output();
            four[0].x[5] = bad;
            four[1].weight[4] = bad;
            four[2].bias[1] = bad;
            four[3].gradient[columns + 1] = bad;
            problems.extend(four);
        }
    }
    problems
}

/// Checks the output and the gradients; the gradient of the input only if it is tracked.
async fn check_case(problem: &Problem, tracks_input: bool, target: &Target) -> Vec<Outcome> {
    let Problem { dims: [batch, inputs, height, width, outputs, size], shape, .. } = *problem;
    let device = target.device.clone().autodiff();
    let x = tensor(&problem.x, [batch, inputs, height, width], &device);
    let x = if tracks_input { x.require_grad() } else { x };
    let weight = tensor(&problem.weight, [outputs, inputs, size, size], &device).require_grad();
    let bias = tensor(&problem.bias, [outputs], &device).require_grad();
    let y = conv2d_with(x.clone(), weight.clone(), bias.clone(), shape, target.launch);
    let gradient = tensor(&problem.gradient, y.dims(), &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let expected = problem.solve();
    let (class, form) = (target.launch.class(), if target.launch.is_in_parts() { "in parts " } else { "" });
    let mut case = Case::new("conv2d", format!("{:?} {shape:?} {form}{class}", problem.dims), BUDGET);
    case.expect("output", y, &expected.y).await;
    if tracks_input {
        let found = x.grad_remove(&mut gradients).expect("it is tracked");
        case.expect("gradient of the input", found, &expected.x_gradient).await;
    }
    let found = weight.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the weights", found, &expected.weight_gradient).await;
    let found = bias.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the bias", found, &expected.bias_gradient).await;
    case.outcomes()
}
