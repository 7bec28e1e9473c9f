//! Adam.

pub mod average;
#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::{Device, Tensor};

use crate::kernels::launch::Launch;
use crate::kernels::parcel::{Arrived, Parcel, Slot};

/// What Adam needs besides a gradient (Kingma & Ba 2015, algorithm 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamSettings {
    /// Step size.
    pub learning_rate: f64,
    /// Decay of the first moment per step.
    pub beta_1: f64,
    /// Decay of the second moment per step.
    pub beta_2: f64,
    /// Decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2): an update subtracts this times the learning rate
    /// times the parameter, apart from the gradient and its moments. 0 means none.
    pub weight_decay: f64,
    /// Number of updates, including this one; it sets the bias correction.
    pub update: u64,
}

/// What one update needs besides the parameters' tensors, made once for all parameters.
#[derive(Debug, Clone)]
pub struct AdamStep {
    settings: AdamSettings,
    /// Decay of the moving averages.
    decay: f64,
    /// In the order of [`AdamOps::adam`]. A tensor, although small: the runtime caches a uniform buffer for each set of
    /// numbers, and these differ in every step.
    numbers: Tensor<1>,
    launch: Launch,
}

/// An [`AdamStep`] in a parcel.
#[derive(Debug)]
pub struct PackedStep {
    settings: AdamSettings,
    decay: f64,
    numbers: Slot<1>,
}

impl AdamStep {
    /// An update of parameters on a device; their moving averages follow with `decay`.
    pub fn new(settings: AdamSettings, decay: f64, device: &Device) -> Self {
        Self::new_with(settings, decay, device, Launch::default())
    }

    /// [`Self::new`] with a choice of launch.
    pub fn new_with(settings: AdamSettings, decay: f64, device: &Device, launch: Launch) -> Self {
        let mut parcel = Parcel::default();
        let packed = Self::pack(settings, decay, &mut parcel);
        Self { launch, ..packed.unpack(&mut parcel.send(device)) }
    }

    /// Packs an update for an upload with others.
    pub fn pack(settings: AdamSettings, decay: f64, parcel: &mut Parcel) -> PackedStep {
        let AdamSettings { learning_rate, beta_1, beta_2, weight_decay, update } = settings;
        let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
        let rate = learning_rate / correction(beta_1);
        let root = 1.0 / libm::sqrt(correction(beta_2));
        // The fraction to subtract, since f32 would round one minus a small fraction to 1.
        let decayed = learning_rate * weight_decay;
        let numbers = [rate, root, decayed, decay, beta_1, 1.0 - beta_1, beta_2, 1.0 - beta_2];
        let numbers = parcel.add(numbers.map(|number| number as f32).to_vec(), [numbers.len()]);
        PackedStep { settings, decay, numbers }
    }

    /// The same update with another choice of launch.
    pub fn launched(self, launch: Launch) -> Self {
        Self { launch, ..self }
    }

    /// Whether this is the update with these settings and this decay.
    pub fn is_for(&self, settings: AdamSettings, decay: f64) -> bool {
        self.settings == settings && self.decay == decay
    }
}

impl PackedStep {
    /// The update of a parcel that has arrived.
    pub fn unpack(self, arrived: &mut Arrived) -> AdamStep {
        AdamStep {
            settings: self.settings,
            decay: self.decay,
            numbers: arrived.take(self.numbers),
            launch: Launch::default(),
        }
    }
}

/// The place of the average's decay among the numbers of an update.
pub(super) const DECAY: usize = 3;

/// Added to the root of the second moment.
pub(super) const EPSILON: f64 = 1e-8;

/// A flat parameter after an update, all `[count]`.
#[derive(Debug, Clone)]
pub struct Updated {
    /// The parameter.
    pub value: Tensor<1>,
    /// The means of its gradients and of their squares.
    pub moments: [Tensor<1>; 2],
    /// Its moving average, if there was one.
    pub average: Option<Tensor<1>>,
}

/// One update of a flat parameter and of its moving average, if it has one. All tensors are `[count]`.
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
    assert!(others.into_iter().flatten().all(|other| other.dims() == value.dims()), "adam: the lengths must match");
    let has_average = average.is_some();
    // The stand-in for a missing average is not read.
    let average = average.unwrap_or_else(|| value.clone()).into_dispatch();
    let [first_moment, second_moment] = moments.map(Tensor::into_dispatch);
    let parameter = Parameter { value: value.into_dispatch(), first_moment, second_moment, average };
    let [gradient, numbers] = [gradient, step.numbers.clone()].map(Tensor::into_dispatch);
    let updated = <Dispatch as AdamOps>::adam(parameter, gradient, numbers, has_average, step.launch);
    let Parameter { value, first_moment, second_moment, average } = updated;
    Updated {
        value: Tensor::from_dispatch(value),
        moments: [first_moment, second_moment].map(Tensor::from_dispatch),
        average: has_average.then(|| Tensor::from_dispatch(average)),
    }
}

/// A flat parameter with its moments and its average, all `[count]`.
#[derive(ExtensionType)]
pub struct Parameter<B: Backend> {
    /// The parameter.
    pub value: FloatTensor<B>,
    /// The mean of its gradients.
    pub first_moment: FloatTensor<B>,
    /// The mean of their squares.
    pub second_moment: FloatTensor<B>,
    /// Its moving average, or any tensor if there is none.
    pub average: FloatTensor<B>,
}

/// Adam on each backend.
#[backend_extension(Cube, Flex)]
pub trait AdamOps: Backend {
    /// A parameter after an update. Without `has_average`, the average of the result has no meaning. `numbers` are the
    /// learning rate over the first moment's bias correction, the inverse square root of the second moment's bias
    /// correction, the fraction of the parameter that weight decay subtracts, the decay of the average, beta 1, 1 -
    /// beta 1, beta 2 and 1 - beta 2.
    fn adam(
        #[extension_type] parameter: Parameter<Self>,
        gradient: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        has_average: bool,
        launch: Launch,
    ) -> Parameter<Self>;
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
