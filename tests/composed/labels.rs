//! The head of the discriminator, losses and self-labelling.

use burn::tensor::Tensor;
use slgan::kernels::losses::{cross_entropy, hinge_discriminator, hinge_generator, trusted_cross_entropy};
use slgan::kernels::projection::{Head, projection};
use slgan::kernels::self_label::{PseudoLabel, probabilities, self_label};

use super::{agree, devices, draw, forms, values, with_gradients};

/// A matrix of 0 and 1, with at least one 1 per row.
fn marks(rows: usize, columns: usize, device: &burn::tensor::Device) -> Tensor<2> {
    let is_marked = |at: usize| at % columns == at / columns % columns || at.is_multiple_of(3);
    let values: Vec<f32> = (0..rows * columns).map(|at| f32::from(u8::from(is_marked(at)))).collect();
    Tensor::from_data(burn::tensor::TensorData::new(values, [rows, columns]), device)
}

#[test]
fn projections() {
    for device in devices() {
        for [batch, features, labels] in [[1, 5, 3], [7, 300, 4], [65, 1_024, 10]] {
            // All as rows of features; the bias is the first number of its row.
            let inputs = || {
                let rows = [batch, 1, 1, labels];
                [0, 1, 2, 3].map(|number| draw::<2>(number as u64, [rows[number], features], &device))
            };
            let weights = || probabilities(draw(4, [batch, labels], &device)).autodiff();
            let gate = || marks(batch, 2, &device).slice([0..batch, 1..2]).autodiff();
            let scores = |form: fn(_, _, _, _) -> Tensor<2>| {
                with_gradients(inputs(), |[x, output, bias, embedding]| {
                    let bias = bias.slice([0..1, 0..1]).reshape([1]);
                    form(x, weights(), gate(), Head { output, bias, embedding })
                })
            };
            let what = format!("projection, {batch} {features} {labels} {device:?}");
            agree(&what, &scores(projection), &scores(forms::projection));
        }
    }
}

#[test]
fn hinge_losses() {
    for device in devices() {
        for (count, real) in [(2, 1), (7, 5), (135, 65)] {
            let scores = || [draw::<2>(0, [count, 1], &device) * 2.0];
            let weights = || marks(count, 1, &device).autodiff();
            let ours = with_gradients(scores(), |[x]| hinge_discriminator(x, weights(), real));
            let composed = with_gradients(scores(), |[x]| forms::hinge_discriminator(x, weights(), real));
            agree(&format!("discriminator, {count} {device:?}"), &ours, &composed);
            let ours = with_gradients(scores(), |[x]| hinge_generator(x, weights()));
            let composed = with_gradients(scores(), |[x]| forms::hinge_generator(x, weights()));
            agree(&format!("generator, {count} {device:?}"), &ours, &composed);
        }
    }
}

#[test]
fn cross_entropies() {
    for device in devices() {
        for [batch, count] in [[1, 10], [3, 7], [65, 100]] {
            let logits = || [draw::<2>(0, [batch, count], &device) * 3.0];
            let targets = || marks(batch, count, &device).autodiff();
            let ours = with_gradients(logits(), |[x]| cross_entropy(x, targets()));
            let composed = with_gradients(logits(), |[x]| forms::cross_entropy(x, targets()));
            agree(&format!("cross_entropy, {batch} {count} {device:?}"), &ours, &composed);
            let weights = || probabilities(draw(1, [batch, count], &device)).autodiff();
            let trusted = || marks(batch, 1, &device).autodiff();
            let ours = with_gradients(logits(), |[x]| trusted_cross_entropy(x, weights(), trusted()));
            let composed = with_gradients(logits(), |[x]| forms::trusted_cross_entropy(x, weights(), trusted()));
            agree(&format!("trusted_cross_entropy, {batch} {count} {device:?}"), &ours, &composed);
        }
    }
}

#[test]
fn self_labels() {
    for device in devices() {
        for form in [PseudoLabel::Hard, PseudoLabel::Soft] {
            for has_prior in [false, true] {
                let [batch, count] = [65, 10];
                let prior = has_prior.then(|| probabilities(draw(1, [1, count], &device)));
                let known = marks(batch, 2, &device).slice([0..batch, 1..2]);
                let results = |label: fn(_, _, _, _, f64, _) -> _| {
                    let logits = draw(0, [batch, count], &device) * 3.0;
                    let found: slgan::kernels::self_label::SelfLabels =
                        label(logits, prior.clone(), marks(batch, count, &device), known.clone(), 0.7, form);
                    [found.label_weights, found.gate, found.confidence].map(values)
                };
                let what = format!("self_label, {form:?}, prior {has_prior}, {device:?}");
                agree(&what, &results(self_label), &results(forms::self_label));
            }
        }
        let logits = || draw::<2>(0, [65, 10], &device);
        let composed = values(burn::tensor::activation::softmax(logits(), 1));
        agree(&format!("probabilities {device:?}"), &[values(probabilities(logits()))], &[composed]);
    }
}
