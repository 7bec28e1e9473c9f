//! Projection in strict arithmetic: the sums of `projection.wgsl` and its gradients, in their order.

use burn::backend::flex::FlexTensor;

use crate::kernels::host::strict::{added_up, settle, settled, strided};
use crate::kernels::host::tensor::{contiguous, elements, tensor};

/// Invocations, and those that add up the others' sums.
const THREADS: usize = 256;
const PARTS: usize = 16;

/// The scores `[batch, 1]`, from features, labels, gate, output, bias and embedding.
pub fn scores(inputs: [FlexTensor; 6]) -> FlexTensor {
    let [features, labels, gate, output, bias, embedding] = inputs.map(contiguous);
    let count = output.layout().shape()[1];
    let directions = directions(&labels, &gate, &output, &embedding);
    let rows = elements(&features).chunks_exact(count).zip(directions.chunks_exact(count));
    let score = |(features, directions): (&[f32], &[f32])| {
        let sums: [f32; THREADS] = strided(features, directions, |feature, direction| feature * direction);
        settled(added_up(&sums, PARTS) + elements(&bias)[0])
    };
    let scores: Vec<f32> = rows.map(score).collect();
    let batch = scores.len();
    tensor(scores, [batch, 1])
}

/// The gradient of the features, from gradient, labels, gate, output and embedding.
pub fn features_gradient(inputs: [FlexTensor; 5]) -> FlexTensor {
    let [gradient, labels, gate, output, embedding] = inputs.map(contiguous);
    let count = output.layout().shape()[1];
    let mut result = directions(&labels, &gate, &output, &embedding);
    for (row, gradient) in result.chunks_exact_mut(count).zip(elements(&gradient)) {
        row.iter_mut().for_each(|x| *x = settled(gradient * *x));
    }
    let batch = result.len() / count;
    tensor(result, [batch, count])
}

/// The gradients of output, bias and embedding, from features, gradient, labels and gate.
pub fn head_gradients(inputs: [FlexTensor; 4]) -> [FlexTensor; 3] {
    let [features, gradient, labels, gate] = inputs.map(contiguous);
    let [count, label_count] = [&features, &labels].map(|tensor| tensor.layout().shape()[1]);
    let (features, gradient, labels, gate) =
        (elements(&features), elements(&gradient), elements(&labels), elements(&gate));
    let weighted = |weight: &dyn Fn(usize) -> f32| {
        let mut sums = vec![0.0; count];
        for (image, features) in features.chunks_exact(count).enumerate() {
            let weight = weight(image);
            sums.iter_mut().zip(features).for_each(|(sum, feature)| *sum += weight * feature);
        }
        settle(&mut sums);
        sums
    };
    let output = weighted(&|image| gradient[image]);
    let of_label =
        |label: usize| weighted(&|image| gradient[image] * (gate[image] * labels[image * label_count + label]));
    let embedding: Vec<f32> = (0..label_count).flat_map(of_label).collect();
    let bias = settled(gradient.iter().fold(0.0_f32, |sum, x| sum + x));
    [tensor(output, [1, count]), tensor(vec![bias], [1]), tensor(embedding, [label_count, count])]
}

/// What the features of each image are multiplied by, `[batch, features]`.
fn directions(labels: &FlexTensor, gate: &FlexTensor, output: &FlexTensor, embedding: &FlexTensor) -> Vec<f32> {
    let [label_count, count] = embedding.layout().shape().dims();
    let (output, embedding) = (elements(output), elements(embedding));
    let mut directions = Vec::with_capacity(elements(gate).len() * count);
    for (labels, gate) in elements(labels).chunks_exact(label_count).zip(elements(gate)) {
        let mut embedded = vec![0.0; count];
        for (label, row) in labels.iter().zip(embedding.chunks_exact(count)) {
            embedded.iter_mut().zip(row).for_each(|(sum, x)| *sum += label * x);
        }
        directions.extend(output.iter().zip(embedded).map(|(output, embedded)| output + gate * embedded));
    }
    directions
}
