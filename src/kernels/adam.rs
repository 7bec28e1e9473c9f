//! Adam.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};

use super::average::average as moving_average;
use super::stock;

/// What Adam needs beside a gradient (Kingma & Ba 2015, algorithm 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamSettings {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the first moment, a step.
    pub beta_1: f64,
    /// Decay of the second moment, a step.
    pub beta_2: f64,
    /// Share of a parameter, times the learning rate, that an update takes away from it; decoupled from the gradient and
    /// its moments (Loshchilov & Hutter 2019, algorithm 2). 0 takes nothing.
    pub weight_decay: f64,
    /// Updates done, this one included; it sets the bias correction.
    pub update: u64,
}

/// What one update needs beside tensors, made once for all parameters.
#[derive(Debug, Clone)]
pub struct AdamStep {
    /// Decays of both moments.
    betas: [f64; 2],
    /// The learning rate over the first moment's bias correction.
    rate: f64,
    /// The inverse square root of the second moment's.
    root: f64,
    /// Share of a parameter that weight decay takes; what it leaves would be rounded to all of it where that is little.
    decayed: f64,
    /// Decay of the moving averages.
    decay: f64,
    /// All of it as kernels read it, in the order of [`AdamOps::update`]. A tensor, although it is so small: of numbers
    /// for uniform buffers the runtime keeps each set for a while, and these differ in every step.
    numbers: Tensor<1>,
}

impl AdamStep {
    /// An update of parameters on a device, whose moving averages follow with `decay`.
    pub fn new(settings: AdamSettings, decay: f64, device: &Device) -> Self {
        let AdamSettings { learning_rate, beta_1, beta_2, weight_decay, update } = settings;
        let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
        let rate = learning_rate / correction(beta_1);
        let root = 1.0 / libm::sqrt(correction(beta_2));
        let decayed = learning_rate * weight_decay;
        let numbers = [rate, root, decayed, decay, beta_1, 1.0 - beta_1, beta_2, 1.0 - beta_2];
        let numbers = Tensor::from_floats(numbers.map(|number| number as f32), device);
        Self { betas: [beta_1, beta_2], rate, root, decayed, decay, numbers }
    }
}

/// Added to the root of the second moment.
pub(super) const EPSILON: f64 = 1e-8;

/// A flat parameter after an update, all `[count]`.
#[derive(Debug, Clone)]
pub struct Updated {
    /// The parameter.
    pub value: Tensor<1>,
    /// The means of its gradients and of their squares.
    pub moments: [Tensor<1>; 2],
    /// Its moving average, where there was one.
    pub average: Option<Tensor<1>>,
}

/// One update of a flat parameter, all tensors `[count]`. Its moving average, where there is one, moves after it.
///
/// # Panics
/// If tensors differ in length.
pub fn adam(
    value: Tensor<1>,
    gradient: Tensor<1>,
    moments: [Tensor<1>; 2],
    average: Option<Tensor<1>>,
    step: &AdamStep,
) -> Updated {
    let others = [Some(&gradient), Some(&moments[0]), Some(&moments[1]), average.as_ref()];
    assert!(others.into_iter().flatten().all(|other| other.dims() == value.dims()), "adam: tensors are of one length");
    if !stock::is_chosen() {
        return in_one_pass(value, gradient, moments, average, step);
    }
    let AdamStep { betas: [beta_1, beta_2], rate, root, decayed, decay, .. } = *step;
    let [first, second] = moments;
    let square = gradient.clone() * gradient.clone();
    let first = if beta_1 == 0.0 { gradient } else { first * beta_1 + gradient * (1.0 - beta_1) };
    let second = second * beta_2 + square * (1.0 - beta_2);
    let value = if decayed == 0.0 { value } else { value.clone() - value * decayed };
    let value = value - first.clone() * rate / (second.clone().sqrt() * root + EPSILON);
    let average = average.map(|old| moving_average(old, value.clone(), decay));
    Updated { value, moments: [first, second], average }
}

fn in_one_pass(
    value: Tensor<1>,
    gradient: Tensor<1>,
    moments: [Tensor<1>; 2],
    average: Option<Tensor<1>>,
    step: &AdamStep,
) -> Updated {
    let has_average = average.is_some();
    // What stands in for an average is not read.
    let average = average.unwrap_or_else(|| value.clone());
    let [first, second] = moments.map(Tensor::into_dispatch);
    let numbers = step.numbers.clone();
    let [value, gradient, average, numbers] = [value, gradient, average, numbers].map(Tensor::into_dispatch);
    let (value, first, second, average) =
        <Dispatch as AdamOps>::update(value, gradient, first, second, average, numbers, has_average);
    let [value, first, second, average] = [value, first, second, average].map(Tensor::from_dispatch);
    Updated { value, moments: [first, second], average: has_average.then_some(average) }
}

/// Adam on each backend.
#[backend_extension(Cube, Flex)]
pub trait AdamOps: Backend {
    /// Value, both moments and average after an update; where it is not `averaged` the average is not read, and is not to
    /// be.
    /// `numbers` are the learning rate over the first moment's bias correction, the inverse square root of the second
    /// moment's, the share of the parameter that weight decay takes, the decay of the average, beta 1, 1 - beta 1, beta 2
    /// and 1 - beta 2.
    fn update(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        average: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        averaged: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    /// Algorithm 1 of the paper on one number, in float64.
    fn oracle(gradients: &[f64], rate: f64, [beta_1, beta_2]: [f64; 2]) -> f64 {
        let (mut value, mut first, mut second) = (1.0, 0.0, 0.0);
        for (step, gradient) in gradients.iter().enumerate() {
            let update = step as i32 + 1;
            first = beta_1 * first + (1.0 - beta_1) * gradient;
            second = beta_2 * second + (1.0 - beta_2) * gradient * gradient;
            let (m, v) = (first / (1.0 - beta_1.powi(update)), second / (1.0 - beta_2.powi(update)));
            value -= rate * m / (v.sqrt() + 1e-8);
        }
        value
    }

    #[test]
    fn updates_follow_the_paper() {
        let device = Device::flex();
        let gradients = [0.5, -2.0, 1e-4, 3.0, 0.0, -0.25];
        for betas in [[0.0, 0.9], [0.9, 0.999]] {
            let [beta_1, beta_2] = betas;
            let mut value = Tensor::<1>::ones([3], &device);
            let mut moments = [Tensor::zeros([3], &device), Tensor::zeros([3], &device)];
            for (step, &gradient) in gradients.iter().enumerate() {
                let settings =
                    AdamSettings { learning_rate: 0.01, beta_1, beta_2, weight_decay: 0.0, update: step as u64 + 1 };
                let gradient = Tensor::full([3], gradient, &device);
                let step = AdamStep::new(settings, 0.0, &device);
                let updated = adam(value, gradient, moments, None, &step);
                (value, moments) = (updated.value, updated.moments);
            }
            let expected = oracle(&gradients, 0.01, betas);
            for found in value.into_data().iter::<f64>() {
                assert!((found - expected).abs() < 1e-6, "{betas:?}: {found} instead of {expected}");
            }
        }
    }
}
