//! Adam, moving averages and spectral normalisation.

use burn::tensor::Tensor;
use slgan::kernels::adam::average::average;
use slgan::kernels::adam::{AdamSettings, AdamStep, Updated, adam};
use slgan::kernels::spectral_norm::{SingularVectors, power_iteration, spectral_norm};

use super::{agree, devices, draw, forms, values, with_gradients};

#[test]
fn updates_by_adam() {
    const DECAY: f64 = 0.75;
    let beta_2 = 0.999f64;
    for device in devices() {
        for (beta_1, weight_decay) in [(0.0f64, 0.0), (0.9, 0.0), (0.9, 0.1)] {
            let settings = AdamSettings { learning_rate: 0.01, beta_1, beta_2, weight_decay, update: 3 };
            let part = |number| draw::<1>(number, [1_000], &device);
            let moments = [part(2), part(3).abs() + 0.1];
            let step = AdamStep::new(settings, DECAY, &device);
            let Updated { value, moments: updated, average } =
                adam(part(0), part(1), moments.clone(), Some(part(4)), &step);
            let average = average.expect("there was one before");
            let ours = [vec![values(value), values(average)], updated.map(values).into()].concat();

            let [first, second] = moments;
            let first = first * beta_1 + part(1) * (1.0 - beta_1);
            let second = second * beta_2 + part(1) * part(1) * (1.0 - beta_2);
            let corrected = |moment: &Tensor<1>, beta: f64| moment.clone() / (1.0 - beta.powi(3));
            let direction = corrected(&first, beta_1) / (corrected(&second, beta_2).sqrt() + 1e-8);
            let value = part(0) * (1.0 - 0.01 * weight_decay) - direction * 0.01;
            let average = part(4) * DECAY + value.clone() * (1.0 - DECAY);
            let composed = [value, average, first, second].map(values);
            agree(&format!("adam, beta 1 {beta_1}, decay {weight_decay}, {device:?}"), &ours, &composed);
        }
    }
}

#[test]
fn moving_averages() {
    for device in devices() {
        let (old, value) = (draw::<2>(0, [7, 33], &device), draw::<2>(1, [7, 33], &device));
        let composed = old.clone() * 0.9 + value.clone() * (1.0 - 0.9);
        agree(&format!("average {device:?}"), &[values(average(old, value, 0.9))], &[values(composed)]);
    }
}

#[test]
fn spectral_normalisation() {
    for device in devices() {
        for dims @ [rows, inputs, height, width] in [[1, 1, 1, 1], [16, 3, 3, 3], [13, 5, 2, 4], [64, 64, 3, 3]] {
            let weight = draw::<4>(0, dims, &device);
            let start = draw::<1>(1, [rows], &device);
            let SingularVectors { left, right } = power_iteration(weight.clone(), start.clone());
            let matrix = weight.clone().reshape([rows, inputs * height * width]);
            let composed = forms::power_iteration(matrix, start).map(values);
            agree(
                &format!("power_iteration {dims:?} {device:?}"),
                &[left.clone(), right.clone()].map(values),
                &composed,
            );

            let vectors = || (left.clone().autodiff(), right.clone().autodiff());
            let ours = with_gradients([weight.clone()], |[weight]| spectral_norm(weight, vectors().0, vectors().1));
            let composed = with_gradients([weight], |[weight]| forms::spectral_norm(weight, vectors().0, vectors().1));
            agree(&format!("spectral_norm {dims:?} {device:?}"), &ours, &composed);
        }
    }
}
