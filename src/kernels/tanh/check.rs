//! The hyperbolic tangent and its gradient, from the definition.

use crate::kernels::compare::activation::{self, Activation};
use crate::kernels::compare::{Outcome, Target};
use crate::kernels::tanh::tanh_with;

/// A rational function within 4e-7, whose error doubles in the slope.
const TANH: Activation =
    Activation { name: "tanh", value: libm::tanh, slope: tanh_slope, tested: tanh_with, budget: 2e-6 };

pub async fn check(target: &Target) -> Vec<Outcome> {
    activation::check(TANH, target).await
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    activation::suite(TANH, target).await
}

fn tanh_slope(x: f64) -> f64 {
    1.0 - libm::tanh(x).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_function() {
        assert!(((TANH.value)(0.5 * 3.0f64.ln()) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn slopes_agree_with_finite_differences() {
        activation::slopes_agree_with_finite_differences(TANH);
    }
}
