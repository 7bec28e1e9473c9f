//! Convolution and its gradients from the definition.

use crate::kernels::class::DeviceClass;
use crate::kernels::compare::{Case, Outcome, Target, normals, tensor};
use crate::kernels::conv2d::gpu::{Geometry, distinct_classes};
use crate::kernels::conv2d::{ConvShape, conv2d_with};

/// Batch, channels in, height, width, channels out and kernel size, with stride and enlargement: one of everything,
/// exact multiples of the kernels' tiles, ragged, and every size of kernel with both strides. The last ones are large
/// enough for the tiles that workgroups share, in every size, with long sums in shares.
const CASES: [([usize; 6], ConvShape); 26] = [
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
];

/// Sizes of the problems with a number that is not finite: for kernels without tiles and with them.
const BAD_DIMS: [[usize; 6]; 2] = [[2, 3, 8, 8, 4, 3], [8, 9, 8, 8, 12, 3]];

const ENLARGING: ConvShape = ConvShape { stride: 1, enlarge: true };

const fn plain(stride: usize) -> ConvShape {
    ConvShape { stride, enlarge: false }
}

/// Sums of up to a few thousand products in f32, in any order.
const BUDGET: f64 = 1e-5;

/// Sizes whose images may be parts of a batch, each a launch of its own.
const IN_PARTS: [([usize; 6], ConvShape); 3] =
    [([6, 64, 8, 8, 64, 3], plain(1)), ([6, 64, 8, 8, 64, 3], plain(2)), ([6, 64, 4, 8, 64, 3], ENLARGING)];

/// Checks convolutions in parts, of which only large ones consist otherwise.
pub async fn check_parts(target: &Target) -> Vec<Outcome> {
    let launch = target.launch.for_class(DeviceClass::Integrated).in_parts();
    let target = Target { launch, ..target.clone() };
    let mut outcomes = Vec::new();
    for (dims, shape) in IN_PARTS {
        outcomes.extend(check_case(&Problem::new(dims, shape), true, &target).await);
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
    outcomes
}

/// The target with each set of kernels that there is for a convolution.
pub fn targets(target: &Target, dims: [usize; 6], shape: ConvShape) -> Vec<Target> {
    let [batch, inputs, height, width, outputs, size] = dims;
    let geometry = Geometry::new([batch, inputs, height, width], [outputs, inputs, size, size], shape);
    target.for_classes(&distinct_classes(&geometry))
}

/// Checks a problem with each set of kernels that there is for it.
async fn check_classes(problem: &Problem, tracks_input: bool, target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for target in targets(target, problem.dims, problem.shape) {
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

/// The cases of the reproducibility suite. GPUs get some also in parts, as only large ones are otherwise.
pub async fn suite(target: &Target) -> Vec<Outcome> {
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

/// Random input, weight, bias, and a gradient for the output.
struct Problem {
    dims: [usize; 6],
    shape: ConvShape,
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<f32>,
}

/// Its results, in float64.
struct Solution {
    y: Vec<f64>,
    x_gradient: Vec<f64>,
    weight_gradient: Vec<f64>,
    bias_gradient: Vec<f64>,
}

impl Problem {
    fn new(dims: [usize; 6], shape: ConvShape) -> Self {
        let [batch, inputs, height, width, outputs, size] = dims;
        let mut problem = Self {
            dims,
            shape,
            x: normals(0, batch * inputs * height * width),
            weight: normals(1, outputs * inputs * size * size),
            bias: normals(2, outputs),
            gradient: Vec::new(),
        };
        let [out_height, out_width] = problem.output();
        problem.gradient = normals(3, batch * outputs * out_height * out_width);
        problem
    }

    fn scale(&self) -> usize {
        if self.shape.enlarge { 2 } else { 1 }
    }

    fn output(&self) -> [usize; 2] {
        let [_, _, height, width, _, size] = self.dims;
        let padding = (size - 1) / 2;
        [height, width].map(|side| (side * self.scale() + 2 * padding - size) / self.shape.stride + 1)
    }

    /// Calls `each` with the positions in output, input and weights of every product in the definition, and with the
    /// output's channel.
    fn each_product(&self, mut each: impl FnMut(usize, usize, usize)) {
        let [batch, inputs, height, width, outputs, size] = self.dims;
        let [out_height, out_width] = self.output();
        let padding = (size - 1) / 2;
        let seen = |place: usize, tap: usize, side: usize| {
            let large = (place * self.shape.stride + tap).checked_sub(padding)?;
            Some(large / self.scale()).filter(|&small| small < side)
        };
        for y_at in 0..batch * outputs * out_height * out_width {
            let (column, row) = (y_at % out_width, y_at / out_width % out_height);
            let (output, image) =
                (y_at / (out_width * out_height) % outputs, y_at / (out_width * out_height * outputs));
            for tap in 0..size * size {
                let (Some(y), Some(x)) = (seen(row, tap / size, height), seen(column, tap % size, width)) else {
                    continue;
                };
                for input in 0..inputs {
                    let x_at = ((image * inputs + input) * height + y) * width + x;
                    each(y_at, x_at, (output * inputs + input) * size * size + tap);
                }
            }
        }
    }

    /// The output's channel at a position in it.
    fn channel(&self, y_at: usize) -> usize {
        let [out_height, out_width] = self.output();
        y_at / (out_height * out_width) % self.bias.len()
    }

    fn solve(&self) -> Solution {
        let [x, weight, gradient] = [&self.x, &self.weight, &self.gradient]
            .map(|values| values.iter().map(|&value| f64::from(value)).collect());
        let [x, weight, gradient]: [Vec<f64>; 3] = [x, weight, gradient];
        let mut solution = Solution {
            y: (0..gradient.len()).map(|at| f64::from(self.bias[self.channel(at)])).collect(),
            x_gradient: vec![0.0; x.len()],
            weight_gradient: vec![0.0; weight.len()],
            bias_gradient: vec![0.0; self.bias.len()],
        };
        self.each_product(|y_at, x_at, weight_at| {
            solution.y[y_at] += x[x_at] * weight[weight_at];
            solution.x_gradient[x_at] += gradient[y_at] * weight[weight_at];
            solution.weight_gradient[weight_at] += gradient[y_at] * x[x_at];
        });
        for (at, gradient) in gradient.iter().enumerate() {
            solution.bias_gradient[self.channel(at)] += gradient;
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's gradients are those of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for (dims, shape) in
            [([2, 2, 3, 4, 3, 3], plain(2)), ([1, 2, 2, 3, 2, 3], ENLARGING), ([1, 1, 4, 4, 2, 2], plain(1))]
        {
            let problem = Problem::new(dims, shape);
            let solution = problem.solve();
            let loss = |problem: &Problem| -> f64 {
                problem.solve().y.iter().zip(&problem.gradient).map(|(y, g)| y * f64::from(*g)).sum()
            };
            // A power of two, to lose few bits in f32; the loss is linear in each number.
            let step = 0.25;
            let slope = |field: fn(&mut Problem) -> &mut Vec<f32>, at: usize| {
                let moved = |by: f32| {
                    let mut problem = Problem::new(dims, shape);
                    let value = &mut field(&mut problem)[at];
                    let old = *value;
                    *value += by;
                    let by = f64::from(*value) - f64::from(old);
                    (loss(&problem), by)
                };
                let (above, up) = moved(step);
                let (below, down) = moved(-step);
                (above - below) / (up - down)
            };
            let agrees = |field: fn(&mut Problem) -> &mut Vec<f32>, gradient: &[f64]| {
                for (at, expected) in gradient.iter().enumerate() {
                    let found = slope(field, at);
                    assert!((found - expected).abs() < 1e-9, "{dims:?} {at}: {found} instead of {expected}");
                }
            };
            agrees(|problem| &mut problem.x, &solution.x_gradient);
            agrees(|problem| &mut problem.weight, &solution.weight_gradient);
            agrees(|problem| &mut problem.bias, &solution.bias_gradient);
        }
    }
}
