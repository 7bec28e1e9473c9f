//! The head of the discriminator. Stock is a linear layer, and products with the vectors of labels.

use burn::tensor::Tensor;
use slgan::kernels::projection::{Head, projection};
use slgan_stock::ops;

use super::bench::{Bench, Case, Prepare, backward, forward, lifted};

/// The forward pass, and the backward pass with only features or only the head tracked.
const NAMES: [&str; 3] = ["projection", "projection_input_gradient", "projection_parameter_gradient"];

/// The three calls of [`NAMES`]. `run` takes whether the features and the head are tracked.
fn passes(run: impl Fn([bool; 2]) -> Tensor<2> + Clone + 'static) -> [Prepare; 3] {
    let [a, b, c] = [run.clone(), run.clone(), run];
    [forward(move || a([false, false])), backward(move || b([true, false])), backward(move || c([false, true]))]
}

impl Bench {
    pub fn projections(&self) -> Vec<Case> {
        let (batch, labels) = (2 * self.batch, self.sizes.labels);
        let count = self.sizes.features(self.sizes.discriminator_kernel);
        let work = [2 * batch * count * (labels + 1), (batch + labels + 1) * count];
        let (features, embedding) = (self.draw([batch, count]), self.draw([labels, count]));
        let (output, bias) = (self.draw([1, count]), self.draw([1]));
        let (weights, gate) = (self.draw([batch, labels]), self.draw([batch, 1]));
        let inputs = move |[tracks_features, tracks_head]: [bool; 2]| {
            let head: (Tensor<2>, Tensor<1>, Tensor<2>) =
                (lifted(&output, tracks_head), lifted(&bias, tracks_head), lifted(&embedding, tracks_head));
            let others: [Tensor<2>; 2] = [lifted(&weights, false), lifted(&gate, false)];
            let features: Tensor<2> = lifted(&features, tracks_features);
            (features, others, head)
        };
        let given = inputs.clone();
        let ours = move |tracks| {
            let (features, [labels, gate], (output, bias, embedding)) = given(tracks);
            projection(features, labels, gate, Head { output, bias, embedding })
        };
        let stock = move |tracks| {
            let (features, [labels, gate], (output, bias, embedding)) = inputs(tracks);
            ops::linear(output.transpose(), bias).forward(features.clone())
                + gate * (features * labels.matmul(embedding)).sum_dim(1)
        };
        let calls = NAMES.into_iter().zip(passes(ours)).zip(passes(stock));
        calls.map(|((name, ours), stock)| self.case(name, [batch, count, labels], work, ours, stock)).collect()
    }
}
