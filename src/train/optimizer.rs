//! Adam with its state, by parameter name.
//!
//! Parameters, moments and averages of a network share buffers: each tensor is a view of one. So an update packs only
//! the gradients, and is one launch for all of them.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::kernels::adam::average::average_in_step;
use crate::kernels::adam::{AdamSettings, AdamStep, Updated, adam};
use crate::kernels::launch::Launch;
use crate::nn::packed::PackedNames;
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
    launch: Launch,
}

impl Optimizer {
    /// An optimiser before its first update.
    pub fn new(betas: [f64; 2], launch: Launch) -> Self {
        Self { first_moments: Named::new(), second_moments: Named::new(), updates: 0, betas, launch }
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
        let mut values = parameters::values(&module);
        gradients.retain(|name, _| values.contains_key(name));
        let Some(device) = values.values().next().map(Tensor::device) else {
            return (module, average.map(|(average, _)| average));
        };
        let decay = average.as_ref().map_or(0.0, |(_, decay)| *decay);
        let step = step.filter(|step| step.is_for(settings, decay));
        let step = step.unwrap_or_else(|| AdamStep::new(settings, decay, &device)).launched(self.launch);
        let mut averages = average.as_ref().map(|(module, _)| parameters::values(module));
        let (mut updated, mut followed) = self.update(&mut values, gradients, averages.as_mut(), &step);
        if let Some(averages) = averages {
            followed.extend(follow(values, averages, &step));
        }
        let average = average.map(|(module, _)| parameters::with_values(module, &mut followed));
        (parameters::with_values(module, &mut updated), average)
    }

    /// Updates the parameters that have a gradient, and takes them from `values` and `averages`. Returns their new
    /// values and averages.
    fn update(
        &mut self,
        values: &mut Named,
        mut gradients: Named,
        averages: Option<&mut Named>,
        step: &AdamStep,
    ) -> (Named, Named) {
        let trained = PackedNames::of(&gradients);
        self.begin_moments(&gradients);
        let [first, second] = [&mut self.first_moments, &mut self.second_moments].map(|named| trained.take(named));
        let mut averages = averages.map(|averages| trained.take(averages)).into_iter().flatten();
        let (values, gradients) = (trained.take(values), trained.take(&mut gradients));
        let [mut new_values, mut new_averages, mut new_first, mut new_second] = [(); 4].map(|()| Vec::new());
        for ((value, gradient), moments) in values.into_iter().zip(gradients).zip(first.into_iter().zip(second)) {
            let updated = adam(value, gradient, moments.into(), averages.next(), step);
            let Updated { value, moments: [first, second], average } = updated;
            new_values.push(value);
            new_averages.extend(average);
            new_first.push(first);
            new_second.push(second);
        }
        self.first_moments.extend(trained.named(new_first));
        self.second_moments.extend(trained.named(new_second));
        let followed = if new_averages.is_empty() { Named::new() } else { trained.named(new_averages) };
        (trained.named(new_values), followed)
    }

    /// Gives zeros as moments to parameters that have a gradient for the first time.
    fn begin_moments(&mut self, gradients: &Named) {
        for moments in [&mut self.first_moments, &mut self.second_moments] {
            for (name, gradient) in gradients {
                moments.entry(name.clone()).or_insert_with(|| gradient.zeros_like());
            }
        }
    }
}

/// The averages of parameters that Adam does not update, after they have followed their values.
fn follow(mut values: Named, mut averages: Named, step: &AdamStep) -> Named {
    let kept = PackedNames::of(&values);
    let pairs = kept.take(&mut averages).into_iter().zip(kept.take(&mut values));
    kept.named(pairs.map(|(average, value)| average_in_step(average, value, step)).collect())
}
