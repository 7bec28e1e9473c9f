//! Power iteration, and division by the largest singular value with its gradient, from the definitions.

use burn::tensor::Tensor;

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::pack::{Places, pack_with, unpack};
use crate::kernels::spectral_norm::{
    Divided, Matrices, SingularVectors, power_iteration_with, spectral_norm_with, weight_gradients_with,
};

/// Shapes of single weights: one of everything, one row, one column, exact multiples of the kernels' tiles, ragged, and
/// weights of convolutions.
const SINGLE: [&[usize]; 14] = [
    &[1, 1],
    &[1, 64],
    &[65, 1],
    &[7, 3],
    &[10, 129],
    &[64, 64],
    &[128, 256],
    &[200, 301],
    &[257, 64],
    &[1, 1, 1, 1],
    &[16, 3, 3, 3],
    &[13, 5, 2, 4],
    &[64, 64, 3, 3],
    &[130, 17, 3, 3],
];

/// Shapes of weights that share buffers: of very different sizes, and more rows than fit into a row of a narrow grid.
const SHARED: [&[&[usize]]; 3] = [
    &[&[1, 1], &[1, 1]],
    &[&[16, 3, 3, 3], &[64, 16, 3, 3], &[3, 3], &[10, 64], &[1, 64]],
    &[&[70, 5], &[2, 700], &[9, 64], &[130, 17, 3, 3]],
];

/// Elements between the weights in their buffer, like the biases of layers.
const BETWEEN: usize = 10;

/// Added to lengths.
const EPSILON: f64 = 1e-12;

/// Sums of up to some ten thousand products in f32, in any order.
const BUDGET: f64 = 1e-5;

/// Checks one iteration, the divided weights, and the gradients of the weights.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in SINGLE {
        outcomes.extend(check_all(&[Problem::new(0, dims)], "", target).await);
    }
    for shapes in SHARED {
        outcomes.extend(check_all(&problems(shapes), "", target).await);
    }
    for bad in [f64::NAN, f64::INFINITY] {
        outcomes.extend(check_bad(&[&[7, 3]], bad, target).await);
        outcomes.extend(check_bad(&[&[16, 3, 3, 3]], bad, target).await);
        outcomes.extend(check_bad(SHARED[1], bad, target).await);
    }
    let mut zero = Problem::new(0, &[3, 4]);
    zero.weight.fill(0.0);
    outcomes.extend(check_iteration(&[zero, Problem::new(1, &[5, 6])], " and zeros", target).await);
    outcomes
}

/// The cases of the reproducibility suite: weights alone, and weights that share buffers.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in [&[64, 64][..], &[200, 301], &[64, 64, 3, 3]] {
        outcomes.extend(check_all(&[Problem::new(0, dims)], "", target).await);
    }
    outcomes.extend(check_all(&problems(SHARED[1]), "", target).await);
    outcomes
}

fn problems(shapes: &[&[usize]]) -> Vec<Problem> {
    shapes.iter().enumerate().map(|(index, dims)| Problem::new(index as u64, dims)).collect()
}

async fn check_all(problems: &[Problem], note: &str, target: &Target) -> Vec<Outcome> {
    let iterated = check_iteration(problems, note, target).await;
    [iterated, check_values(problems, note, target).await, check_gradients(problems, note, target).await].concat()
}

/// Checks the first weight with an element that is not finite, and its vectors and its gradient with such an element.
/// The other weights must not see it.
async fn check_bad(shapes: &[&[usize]], bad: f64, target: &Target) -> Vec<Outcome> {
    let mut weight = problems(shapes);
    weight[0].weight[5] = bad;
    let iterated = check_iteration(&weight, &format!(" with {bad}"), target).await;
    let divided = check_values(&weight, &format!(" with {bad}"), target).await;
    let mut sloped = problems(shapes);
    *sloped[0].gradient.last_mut().expect("a weight has elements") = bad;
    let gradients = check_gradients(&sloped, &format!(" with a gradient of {bad}"), target).await;
    let mut turned = problems(shapes);
    (turned[0].start[0], turned[0].left[0], turned[0].right[0]) = (bad, bad, bad);
    let vectors = check_iteration(&turned, &format!(" from a vector with {bad}"), target).await;
    let values = check_values(&turned, &format!(" by vectors with {bad}"), target).await;
    [iterated, divided, gradients, vectors, values].concat()
}

async fn check_iteration(problems: &[Problem], note: &str, target: &Target) -> Vec<Outcome> {
    let shared = Shared::new(problems, target);
    let lefts = shared.buffer(problems.iter().map(|problem| &problem.start), shared.matrices.lefts());
    let SingularVectors { left, right } =
        power_iteration_with(shared.weights(problems), lefts, &shared.matrices, target.launch);
    let (lefts, rights) = (unpack(left, shared.matrices.lefts()), unpack(right, shared.matrices.rights()));
    let mut case = shared.case("power_iteration", note);
    for ((problem, left), right) in problems.iter().zip(lefts).zip(rights) {
        let (expected_left, expected_right) = problem.iterate();
        case.expect("left vector", left, &expected_left).await;
        case.expect("right vector", right, &expected_right).await;
    }
    case.outcomes()
}

async fn check_values(problems: &[Problem], note: &str, target: &Target) -> Vec<Outcome> {
    let shared = Shared::new(problems, target);
    let (weights, vectors) = (shared.weights(problems), shared.vectors(problems));
    let Divided { weights, sigmas } = spectral_norm_with(weights, &vectors, &shared.matrices, target.launch);
    let mut case = shared.case("spectral_norm", note);
    let expected: Vec<f64> = problems.iter().map(Problem::singular_value).collect();
    case.expect("singular values", sigmas, &expected).await;
    for (problem, weight) in problems.iter().zip(shared.unpacked(weights)) {
        case.expect("divided weight", weight, &problem.normalized()).await;
    }
    case.outcomes()
}

async fn check_gradients(problems: &[Problem], note: &str, target: &Target) -> Vec<Outcome> {
    let shared = Shared::new(problems, target);
    let (weights, vectors) = (shared.weights(problems), shared.vectors(problems));
    let sigmas = spectral_norm_with(weights.clone(), &vectors, &shared.matrices, target.launch).sigmas;
    let gradients = shared.all(|at| problems[at].gradient.clone());
    let [held, given] = [(); 2].map(|()| shared.packed(&gradients));
    let found = |gradients| {
        let (weights, sigmas) = (weights.clone(), sigmas.clone());
        weight_gradients_with(weights, &vectors, sigmas, gradients, &shared.matrices, target.launch)
    };
    let mut case = shared.case("spectral_norm", note);
    let expected = shared.all(|at| problems[at].weight_gradient());
    for (found, expected) in unpack(found(given), &shared.places).into_iter().zip(&expected) {
        case.expect("gradient of the weight, or between weights", found, expected).await;
    }
    let copied = unpack(found(held.clone()), &shared.places);
    for ((held, found), (gradient, expected)) in
        unpack(held, &shared.places).into_iter().zip(copied).zip(gradients.iter().zip(&expected))
    {
        case.expect("gradient that is held", held, gradient).await;
        case.expect("gradient of the weight from one that is held", found, expected).await;
    }
    case.outcomes()
}

/// Weights that share a buffer with other numbers between them.
struct Shared<'a> {
    target: &'a Target,
    shapes: Vec<Vec<usize>>,
    /// Of the weights, at even positions, and of what lies between them.
    places: Places,
    matrices: Matrices,
}

impl<'a> Shared<'a> {
    fn new(problems: &[Problem], target: &'a Target) -> Self {
        let shapes: Vec<Vec<usize>> = problems.iter().map(|problem| problem.dims.clone()).collect();
        let counts: Vec<usize> = problems.iter().flat_map(|problem| [problem.weight.len(), BETWEEN]).collect();
        // A single weight has a buffer of its own, as on the CPU.
        let places = Places::new(if problems.len() == 1 { &counts[..1] } else { &counts });
        let offsets = places.offsets().iter().copied().step_by(2);
        let matrices = Matrices::new(&offsets.zip(shapes.iter().cloned()).collect::<Vec<_>>());
        Self { target, shapes, places, matrices }
    }

    /// The numbers of each tensor of the weights' buffer, some for each weight, and the same ones between any two.
    fn all(&self, of_weight: impl Fn(usize) -> Vec<f64>) -> Vec<Vec<f64>> {
        let numbers_at = |at: usize| if at.is_multiple_of(2) { of_weight(at / 2) } else { numbers(9, BETWEEN) };
        (0..self.places.counts().len()).map(numbers_at).collect()
    }

    fn packed(&self, values: &[Vec<f64>]) -> Tensor<1> {
        self.buffer(values.iter(), &self.places)
    }

    fn buffer<'b>(&self, values: impl Iterator<Item = &'b Vec<f64>>, places: &Places) -> Tensor<1> {
        let tensors = values.map(|values| on_device(values, [values.len()], &self.target.device)).collect();
        pack_with(tensors, places, self.target.launch)
    }

    fn weights(&self, problems: &[Problem]) -> Tensor<1> {
        self.packed(&self.all(|at| problems[at].weight.clone()))
    }

    fn vectors(&self, problems: &[Problem]) -> SingularVectors {
        SingularVectors {
            left: self.buffer(problems.iter().map(|problem| &problem.left), self.matrices.lefts()),
            right: self.buffer(problems.iter().map(|problem| &problem.right), self.matrices.rights()),
        }
    }

    /// The weights in a buffer.
    fn unpacked(&self, packed: Tensor<1>) -> impl Iterator<Item = Tensor<1>> {
        unpack(packed, &self.places).into_iter().step_by(2)
    }

    fn case(&self, kernel: &'static str, note: &str) -> Case {
        Case::new(kernel, format!("{:?}{note}", self.shapes), BUDGET)
    }
}

/// A random weight and start of an iteration, and a gradient for the normalised weight. f32 holds all numbers exactly.
#[derive(Debug, Clone)]
struct Problem {
    dims: Vec<usize>,
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

impl Problem {
    fn new(number: u64, dims: &[usize]) -> Self {
        let count = dims.iter().product();
        let draw = |part, count| numbers(10 * number + part, count);
        let (weight, start, gradient) = (draw(0, count), draw(1, dims[0]), draw(2, count));
        let mut problem = Self { dims: dims.to_vec(), weight, start, left: Vec::new(), right: Vec::new(), gradient };
        let (left, right) = problem.iterate();
        let rounded = |vector: Vec<f64>| vector.into_iter().map(|value| f64::from(value as f32)).collect();
        (problem.left, problem.right) = (rounded(left), rounded(right));
        problem
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
        let mut problem = Problem::new(0, &[2, 3]);
        (problem.weight, problem.start) = (vec![0.0, 4.0, 0.0, -2.0, 0.0, 0.0], vec![3.0, 0.0]);
        (problem.left, problem.right) = problem.iterate();
        let close = |found: &[f64], expected: &[f64]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close(&problem.left, &[1.0, 0.0]) && close(&problem.right, &[0.0, 1.0, 0.0]));
        assert!(close(&problem.normalized(), &[0.0, 1.0, 0.0, -0.5, 0.0, 0.0]));
    }

    /// The oracle's gradient is that of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        agrees(&[1, 1]);
        agrees(&[3, 5]);
        agrees(&[3, 2, 1, 2]);
    }

    fn agrees(dims: &[usize]) {
        let problem = Problem::new(0, dims);
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
