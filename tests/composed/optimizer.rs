//! Adam, moving averages and spectral normalisation.

use burn::tensor::Tensor;
use slgan::kernels::adam::average::average;
use slgan::kernels::adam::{AdamSettings, AdamStep, Updated, adam};
use slgan::kernels::pack::{Places, pack, unpack};
use slgan::kernels::spectral_norm::{
    Divided, Matrices, SingularVectors, power_iteration, spectral_norm, weight_gradients,
};

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
            let columns = inputs * height * width;
            let matrices = Matrices::new(&[(0, dims.to_vec())]);
            let weight = draw::<4>(0, dims, &device);
            let flat = weight.clone().reshape([rows * columns]);
            let start = draw::<1>(1, [rows], &device);
            let vectors = power_iteration(flat.clone(), start.clone(), &matrices);
            let SingularVectors { left, right } = vectors.clone();
            let composed = forms::power_iteration(weight.clone().reshape([rows, columns]), start).map(values);
            agree(
                &format!("power_iteration {dims:?} {device:?}"),
                &[left.clone(), right.clone()].map(values),
                &composed,
            );

            let Divided { weights, sigmas } = spectral_norm(flat.clone(), &vectors, &matrices);
            // The gradient that `with_gradients` gives the output.
            let gradient = draw::<4>(99, dims, &device).reshape([rows * columns]);
            let gradient = weight_gradients(flat, &vectors, sigmas, gradient, &matrices);
            let ours = [weights, gradient].map(values);
            let composed =
                with_gradients([weight], |[weight]| forms::spectral_norm(weight, left.autodiff(), right.autodiff()));
            agree(&format!("spectral_norm {dims:?} {device:?}"), &ours, &composed);
        }
    }
}

/// A network's buffer, with biases between the weights, is treated like each weight alone.
#[test]
fn spectral_normalisation_of_several_weights() {
    const SHAPES: [[usize; 2]; 3] = [[16, 27], [10, 129], [70, 5]];
    for device in devices() {
        let weights: Vec<Tensor<1>> =
            SHAPES.iter().zip(0..).map(|([rows, columns], number)| draw(number, [rows * columns], &device)).collect();
        let tensors = weights.iter().flat_map(|weight| [weight.clone(), draw(9, [16], &device)]).collect::<Vec<_>>();
        let places = Places::new(&tensors.iter().map(|tensor| tensor.dims()[0]).collect::<Vec<_>>());
        let offsets = places.offsets().iter().copied().step_by(2);
        let matrices = Matrices::new(&offsets.zip(SHAPES.map(Vec::from)).collect::<Vec<_>>());
        let starts = SHAPES.map(|[rows, _]| draw::<1>(20, [rows], &device));
        let packed = pack(tensors, &places);
        let vectors = power_iteration(packed.clone(), pack(starts.to_vec(), matrices.lefts()), &matrices);
        let divided = spectral_norm(packed.clone(), &vectors, &matrices);
        let slopes = draw::<1>(30, [places.total()], &device);
        let sigmas = divided.sigmas.clone();
        let gradients = weight_gradients(packed, &vectors, sigmas, slopes.clone(), &matrices);
        let (divided, gradients) = (unpack(divided.weights, &places), unpack(gradients, &places));
        let slopes = unpack(slopes, &places);
        for (index, (weight, dims)) in weights.into_iter().zip(SHAPES).enumerate() {
            let alone = Matrices::new(&[(0, dims.to_vec())]);
            let vectors = power_iteration(weight.clone(), starts[index].clone(), &alone);
            let expected = spectral_norm(weight.clone(), &vectors, &alone);
            let slope = slopes[2 * index].clone();
            let gradient = weight_gradients(weight, &vectors, expected.sigmas, slope, &alone);
            let ours = [divided[2 * index].clone(), gradients[2 * index].clone()].map(values);
            assert_eq!(ours, [expected.weights, gradient].map(values), "{dims:?} {device:?}");
            let [between, unchanged] = [&gradients, &slopes].map(|all| values(all[2 * index + 1].clone()));
            assert_eq!(between, unchanged, "after {dims:?} {device:?}");
        }
    }
}
