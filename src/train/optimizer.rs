//! Adam's state, by parameter name.

use burn::module::Module;

use crate::kernels::adam::{AdamSettings, adam};
use crate::nn::parameters::{self, Named};

/// Adam with its moments. A parameter that has had no gradient yet has none.
#[derive(Debug, Clone)]
pub struct Optimizer {
    /// Means of the gradients, by parameter.
    pub first_moments: Named,
    /// Means of their squares, by parameter.
    pub second_moments: Named,
    /// Updates done.
    pub updates: u64,
    betas: [f64; 2],
}

impl Optimizer {
    /// An optimiser that has done nothing yet.
    pub fn new(betas: [f64; 2]) -> Self {
        Self { first_moments: Named::new(), second_moments: Named::new(), updates: 0, betas }
    }

    /// The module after one update of those parameters that have a gradient.
    pub fn apply<M: Module>(&mut self, module: M, gradients: Named, learning_rate: f64) -> M {
        self.updates += 1;
        let [beta_1, beta_2] = self.betas;
        let settings = AdamSettings { learning_rate, beta_1, beta_2, update: self.updates };
        let mut values = parameters::values(&module);
        let mut updated = Named::new();
        for (name, gradient) in gradients {
            let Some(value) = values.remove(&name) else { continue };
            let moments = [&mut self.first_moments, &mut self.second_moments]
                .map(|moments| moments.remove(&name).unwrap_or_else(|| gradient.zeros_like()));
            let (value, [first, second]) = adam(value, gradient, moments, &settings);
            self.first_moments.insert(name.clone(), first);
            self.second_moments.insert(name.clone(), second);
            updated.insert(name, value);
        }
        parameters::with_values(module, &mut updated)
    }
}
