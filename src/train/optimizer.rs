//! Adam with its state, by parameter name.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::kernels::adam::average::average_by as moving_average;
use crate::kernels::adam::{AdamSettings, AdamStep, Updated, adam};
use crate::nn::parameters::{self, Named};

/// The rates of an update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
}

impl From<f64> for Rates {
    /// A learning rate without weight decay.
    fn from(learning_rate: f64) -> Self {
        Self { learning_rate, weight_decay: 0.0 }
    }
}

/// Adam with its moments. A parameter that never had a gradient has none.
#[derive(Debug, Clone)]
pub struct Optimizer {
    /// Moving averages of the gradients, by parameter.
    pub first_moments: Named,
    /// Moving averages of the squared gradients, by parameter.
    pub second_moments: Named,
    /// Updates done.
    pub updates: u64,
    betas: [f64; 2],
}

impl Optimizer {
    /// An optimiser before its first update.
    pub fn new(betas: [f64; 2]) -> Self {
        Self { first_moments: Named::new(), second_moments: Named::new(), updates: 0, betas }
    }

    /// The settings of the next update.
    pub fn next_update(&self, rates: Rates) -> AdamSettings {
        let [beta_1, beta_2] = self.betas;
        let Rates { learning_rate, weight_decay } = rates;
        AdamSettings { learning_rate, beta_1, beta_2, weight_decay, update: self.updates + 1 }
    }

    /// Updates the parameters that have a gradient. If there is an `average`, it follows the module with its decay.
    /// Returns both. `step` is the update if it is on the device already; if it is another one, it is not used.
    pub fn apply<M: Module>(
        &mut self,
        module: M,
        mut gradients: Named,
        rates: Rates,
        average: Option<(M, f64)>,
        step: Option<AdamStep>,
    ) -> (M, Option<M>) {
        let settings = self.next_update(rates);
        self.updates = settings.update;
        let decay = average.as_ref().map_or(0.0, |(_, decay)| *decay);
        let mut averages = average.as_ref().map(|(module, _)| parameters::values(module)).unwrap_or_default();
        let (mut updated, mut followed) = (Named::new(), Named::new());
        let mut step = step.filter(|step| step.is_for(settings, decay));
        for (name, value) in parameters::values(&module) {
            let step = step.get_or_insert_with(|| AdamStep::new(settings, decay, &value.device()));
            let old_average = averages.remove(&name);
            let new_average = match gradients.remove(&name) {
                Some(gradient) => {
                    let moments = self.take_moments(&name, &gradient);
                    let Updated { value, moments, average } = adam(value, gradient, moments, old_average, step);
                    self.keep_moments(&name, moments);
                    updated.insert(name.clone(), value);
                    average
                }
                None => old_average.map(|old| moving_average(old, value, step.decay())),
            };
            followed.extend(new_average.map(|average| (name, average)));
        }
        let average = average.map(|(module, _)| parameters::with_values(module, &mut followed));
        (parameters::with_values(module, &mut updated), average)
    }

    fn take_moments(&mut self, name: &str, gradient: &Tensor<1>) -> [Tensor<1>; 2] {
        [&mut self.first_moments, &mut self.second_moments]
            .map(|moments| moments.remove(name).unwrap_or_else(|| gradient.zeros_like()))
    }

    fn keep_moments(&mut self, name: &str, [first, second]: [Tensor<1>; 2]) {
        self.first_moments.insert(name.to_owned(), first);
        self.second_moments.insert(name.to_owned(), second);
    }
}
