//! Convolutions that end a residual block.

use super::problem::{BUDGET, ENLARGING, IN_PARTS, Problem, plain, targets};
use crate::kernels::add_enlarged::Enlargement;
use crate::kernels::compare::{Case, Outcome, Target, normals, tensor};
use crate::kernels::conv2d::{Addend, ConvShape, conv2d_add};

const NEAREST: Addend = Addend::Enlarged(Enlargement::Nearest);
const BILINEAR: Addend = Addend::Enlarged(Enlargement::Bilinear);

/// Without tiles and with them, ragged, and with sums in shares.
const CASES: [([usize; 6], ConvShape, Addend); 7] = [
    ([2, 3, 8, 8, 4, 3], plain(1), Addend::Same),
    ([4, 70, 4, 4, 40, 3], plain(1), Addend::Same),
    ([4, 70, 4, 4, 40, 3], plain(1), Addend::Halved),
    ([8, 32, 4, 4, 16, 3], ENLARGING, NEAREST),
    ([4, 70, 4, 4, 40, 3], plain(1), BILINEAR),
    ([8, 32, 4, 4, 16, 3], ENLARGING, BILINEAR),
    ([1, 2, 1, 1, 3, 1], ENLARGING, BILINEAR),
];

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape, form) in CASES {
        for target in targets(target, dims, shape) {
            outcomes.extend(check_case(&Problem::new(dims, shape), form, "", &target).await);
        }
    }
    outcomes
}

/// Checks some in parts of the batch.
pub async fn check_parts(target: &Target) -> Vec<Outcome> {
    let (dims, shape) = IN_PARTS[0];
    let mut outcomes = Vec::new();
    for form in [Addend::Same, BILINEAR] {
        outcomes.extend(check_case(&Problem::new(dims, shape), form, "in parts ", target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite: each form that kernels add.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (dims, shape, form) in [CASES[1], CASES[2], CASES[5]] {
        outcomes.extend(check_case(&Problem::new(dims, shape), form, "", target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, form: Addend, note: &str, target: &Target) -> Vec<Outcome> {
    let Problem { dims: [batch, inputs, height, width, outputs, size], shape, .. } = *problem;
    let [small, large] = sizes(form, problem.output());
    let planes = batch * outputs;
    let numbers = normals(4, planes * small[0] * small[1]);
    let (device, launch) = (target.device.clone().autodiff(), target.launch);
    let x = tensor(&problem.x, [batch, inputs, height, width], &device).require_grad();
    let weight = tensor(&problem.weight, [outputs, inputs, size, size], &device).require_grad();
    let bias = tensor(&problem.bias, [outputs], &device).require_grad();
    let addend = tensor(&numbers, [batch, outputs, small[0], small[1]], &device).require_grad();
    let y = conv2d_add(x.clone(), weight.clone(), bias.clone(), addend.clone(), form, shape, launch);
    let gradient = tensor(&problem.gradient, y.dims(), &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();

    let mut expected = problem.solve();
    let mut addend_gradient = vec![0.0; numbers.len()];
    each_part(form, planes, large, |y_at, at, share| {
        expected.y[y_at] += share * f64::from(numbers[at]);
        addend_gradient[at] += share * f64::from(problem.gradient[y_at]);
    });
    let name = format!("{:?} {shape:?} plus {form:?} {note}{}", problem.dims, launch.class());
    let mut case = Case::new("conv2d", name, BUDGET);
    case.expect("output", y, &expected.y).await;
    let found = addend.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the addend", found, &addend_gradient).await;
    let found = x.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the input", found, &expected.x_gradient).await;
    let found = weight.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the weights", found, &expected.weight_gradient).await;
    let found = bias.grad_remove(&mut gradients).expect("it is tracked");
    case.expect("gradient of the bias", found, &expected.bias_gradient).await;
    case.outcomes()
}

/// The sizes of the addend and of the output.
fn sizes(form: Addend, output: [usize; 2]) -> [[usize; 2]; 2] {
    let of_addend = output.map(|side| match form {
        Addend::Same => side,
        Addend::Halved => 2 * side,
        Addend::Enlarged(_) => side / 2,
    });
    [of_addend, output]
}

/// Calls `each` with a position in the output, one in the addend, and how much the one takes of the other.
fn each_part(form: Addend, planes: usize, output: [usize; 2], mut each: impl FnMut(usize, usize, f64)) {
    let [[height, width], _] = sizes(form, output);
    let [rows, columns] = output;
    for y_at in 0..planes * rows * columns {
        let (plane, row, column) = (y_at / (rows * columns), y_at / columns % rows, y_at % columns);
        for (i, down) in shares(form, row, height) {
            for (j, across) in shares(form, column, width) {
                each(y_at, (plane * height + i) * width + j, down * across);
            }
        }
    }
}

/// What a place of an axis takes of the addend's axis with so many places.
fn shares(form: Addend, place: usize, side: usize) -> Vec<(usize, f64)> {
    match form {
        Addend::Same => vec![(place, 1.0)],
        Addend::Halved => vec![(2 * place, 0.5), (2 * place + 1, 0.5)],
        Addend::Enlarged(Enlargement::Nearest) => vec![(place / 2, 1.0)],
        Addend::Enlarged(Enlargement::Bilinear) => {
            // The middle of a place of the output, in places of the addend; its border repeats outside.
            let middle = (place as f64 + 0.5) / 2.0 - 0.5;
            let (first, share) = (middle.floor(), middle - middle.floor());
            let at = |place: f64| place.clamp(0.0, side as f64 - 1.0) as usize;
            vec![(at(first), 1.0 - share), (at(first + 1.0), share)]
        }
    }
}
