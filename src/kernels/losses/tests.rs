use burn::tensor::{Device, TensorData};

use super::*;

fn tensor<const N: usize, const M: usize>(values: [[f32; M]; N]) -> Tensor<2> {
    Tensor::from_data(TensorData::from(values), &Device::flex().autodiff())
}

fn scalar(loss: Tensor<1>) -> f64 {
    loss.into_data().iter::<f64>().next().expect("one number")
}

/// Minus the log of the probability of a set of labels, in float64.
fn set_surprise(logits: &[f64], set: &[usize]) -> f64 {
    let total: f64 = logits.iter().map(|x| x.exp()).sum();
    -(set.iter().map(|&label| logits[label].exp()).sum::<f64>() / total).ln()
}

#[test]
fn cross_entropy_is_that_of_the_set() {
    let loss = cross_entropy(
        tensor([[1.0, 2.0, 3.0, 4.0], [0.0, -1.0, 50.0, 2.0]]),
        tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]),
    );
    let expected = (set_surprise(&[1.0, 2.0, 3.0, 4.0], &[0, 1]) + set_surprise(&[0.0, -1.0, 50.0, 2.0], &[3])) / 2.0;
    assert!((scalar(loss) - expected).abs() < 1e-5);
}

#[test]
fn the_gradient_of_cross_entropy_agrees_with_finite_differences() {
    let values = [0.3, -1.2, 0.8, 2.0];
    let logits = tensor([values.map(|x| x as f32)]).require_grad();
    let mut gradients = cross_entropy(logits.clone(), tensor([[0.0, 1.0, 1.0, 0.0]])).backward();
    let gradient = logits.grad_remove(&mut gradients).expect("logits are tracked").into_data();
    for (label, found) in gradient.iter::<f64>().enumerate() {
        let moved = |by: f64| {
            let mut values = values;
            values[label] += by;
            set_surprise(&values, &[1, 2])
        };
        let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((found - expected).abs() < 1e-5, "label {label}: {found} instead of {expected}");
    }
}

#[test]
fn trusted_cross_entropy_counts_the_whole_batch() {
    let logits = tensor([[1.0, 0.0], [5.0, 0.0], [0.0, 1.0], [0.0, 0.0]]);
    let labels = tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]);
    let loss = trusted_cross_entropy(logits, labels, tensor([[1.0], [0.0], [1.0], [0.0]]));
    let [a, b] = [set_surprise(&[1.0, 0.0], &[1]), set_surprise(&[0.0, 1.0], &[1])];
    let soft = (b + set_surprise(&[0.0, 1.0], &[0])) / 2.0;
    assert!((scalar(loss) - (a + soft) / 4.0).abs() < 1e-6);
}

#[test]
fn hinge_losses_weigh_and_cut() {
    let scores = || tensor([[2.0], [-0.5], [2.0], [-0.5]]);
    let all = tensor([[1.0]; 4]);
    assert!((scalar(hinge_discriminator(scores(), all.clone(), 2)) - (0.75 + 1.75)).abs() < 1e-6);
    let first_only = tensor([[1.0], [0.0], [1.0], [0.0]]);
    assert!((scalar(hinge_discriminator(scores(), first_only, 2)) - 3.0).abs() < 1e-6);
    assert!((scalar(hinge_generator(scores(), all)) + 0.75).abs() < 1e-6);
    assert_eq!(scalar(hinge_generator(scores(), tensor([[0.0]; 4]))), 0.0, "no image, no loss");
}
