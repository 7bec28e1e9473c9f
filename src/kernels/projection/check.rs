//! Projection and its gradients, from the definition.

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::projection::{Head, projection_with};

/// Batch, features and labels: one of everything, the heads of networks, a workgroup's share and one more, and ragged.
const CASES: [[usize; 3]; 6] = [[1, 1, 1], [3, 256, 2], [3, 257, 2], [64, 1024, 10], [7, 33, 5], [65, 130, 19]];

/// Sizes of the problems with a number that is not finite.
const BAD_DIMS: [usize; 3] = [7, 33, 5];

/// Sums of up to a thousand products in f32, in any order.
const BUDGET: f64 = 1e-5;

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in CASES {
        outcomes.extend(check_case(&Problem::new(dims), "", target).await);
    }
    let fields: [fn(&mut Problem) -> &mut Vec<f64>; 4] = [
        |problem| &mut problem.features,
        |problem| &mut problem.output,
        |problem| &mut problem.bias,
        |problem| &mut problem.gradient,
    ];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (field, name) in fields.into_iter().zip(["features", "output", "bias", "gradient"]) {
            let mut problem = Problem::new(BAD_DIMS);
            field(&mut problem)[0] = bad;
            outcomes.extend(check_case(&problem, &format!(" with {bad} in the {name}"), target).await);
        }
    }
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for dims in [[64, 1024, 10], [65, 130, 19]] {
        outcomes.extend(check_case(&Problem::new(dims), "", target).await);
    }
    outcomes
}

async fn check_case(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let [batch, features, labels] = problem.dims;
    let device = target.device.clone().autodiff();
    let x = on_device(&problem.features, [batch, features], &device).require_grad();
    let output = on_device(&problem.output, [1, features], &device).require_grad();
    let bias = on_device(&problem.bias, [1], &device).require_grad();
    let embedding = on_device(&problem.embedding, [labels, features], &device).require_grad();
    let head = Head { output: output.clone(), bias: bias.clone(), embedding: embedding.clone() };
    let label_weights = on_device(&problem.labels, [batch, labels], &device);
    let scores =
        projection_with(x.clone(), label_weights, on_device(&problem.gate, [batch, 1], &device), head, target.launch);
    let gradient = on_device(&problem.gradient, [batch, 1], &device);
    let mut gradients = (scores.clone() * gradient).sum_dim(1).backward();
    let expected = problem.solve();
    let mut case = Case::new("projection", format!("{:?}{note}", problem.dims), BUDGET);
    case.expect("scores", scores, &expected.scores).await;
    let found = x.grad_remove(&mut gradients).expect("the features are tracked");
    case.expect("gradient of the features", found, &expected.features).await;
    let found = output.grad_remove(&mut gradients).expect("the output is tracked");
    case.expect("gradient of the output", found, &expected.output).await;
    let found = bias.grad_remove(&mut gradients).expect("the bias is tracked");
    case.expect("gradient of the bias", found, &expected.bias).await;
    let found = embedding.grad_remove(&mut gradients).expect("the embedding is tracked");
    case.expect("gradient of the embedding", found, &expected.embedding).await;
    case.outcomes()
}

/// Random features, head and labels, and a gradient for the scores.
#[derive(Debug, Clone)]
struct Problem {
    /// Batch, features, labels.
    dims: [usize; 3],
    /// `[batch, features]`.
    features: Vec<f64>,
    /// `[batch, labels]`.
    labels: Vec<f64>,
    /// `[batch, 1]`, 0 or 1.
    gate: Vec<f64>,
    /// `[1, features]`.
    output: Vec<f64>,
    /// `[1]`.
    bias: Vec<f64>,
    /// `[labels, features]`.
    embedding: Vec<f64>,
    /// `[batch, 1]`.
    gradient: Vec<f64>,
}

/// Its scores, and the gradients of the other fields.
struct Solution {
    scores: Vec<f64>,
    features: Vec<f64>,
    output: Vec<f64>,
    bias: Vec<f64>,
    embedding: Vec<f64>,
}

impl Problem {
    fn new(dims @ [batch, features, labels]: [usize; 3]) -> Self {
        Self {
            dims,
            features: numbers(0, batch * features),
            labels: numbers(1, batch * labels),
            gate: (0..batch).map(|image| f64::from(u8::from(image % 3 != 1))).collect(),
            output: numbers(2, features),
            bias: numbers(3, 1),
            embedding: numbers(4, labels * features),
            gradient: numbers(5, batch),
        }
    }

    fn solve(&self) -> Solution {
        let [batch, features, labels] = self.dims;
        let mut solution = Solution {
            scores: self.bias.repeat(batch),
            features: Vec::new(),
            output: vec![0.0; features],
            bias: vec![self.gradient.iter().sum()],
            embedding: vec![0.0; labels * features],
        };
        for image in 0..batch {
            let gradient = self.gradient[image];
            for at in 0..features {
                let feature = self.features[image * features + at];
                let mut factor = self.output[at];
                for label in 0..labels {
                    let weight = self.gate[image] * self.labels[image * labels + label];
                    factor += weight * self.embedding[label * features + at];
                    solution.embedding[label * features + at] += gradient * weight * feature;
                }
                solution.scores[image] += feature * factor;
                solution.features.push(gradient * factor);
                solution.output[at] += gradient * feature;
            }
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_hides_the_label() {
        let problem = Problem {
            dims: [2, 2, 1],
            features: vec![1.0, 2.0, 1.0, 2.0],
            labels: vec![1.0, 1.0],
            gate: vec![0.0, 1.0],
            output: vec![3.0, 4.0],
            bias: vec![0.5],
            embedding: vec![10.0, 20.0],
            gradient: vec![1.0, 2.0],
        };
        let solution = problem.solve();
        assert_eq!(solution.scores, [11.5, 61.5]);
        assert_eq!(solution.features, [3.0, 4.0, 26.0, 48.0]);
        assert_eq!((solution.output, solution.bias), (vec![3.0, 6.0], vec![3.0]));
        assert_eq!(solution.embedding, [2.0, 4.0]);
    }
}
