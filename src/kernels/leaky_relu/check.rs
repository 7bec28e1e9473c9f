//! Leaky ReLU and its gradient, from the definition.

use crate::kernels::compare::activation::{self, Activation};
use crate::kernels::compare::{Outcome, Target};
use crate::kernels::leaky_relu::leaky_relu_with;

/// One product in f32.
const LEAKY_RELU: Activation =
    Activation { name: "leaky_relu", value: leaked, slope: leak_slope, tested: leaky_relu_with, budget: 1e-6 };

pub async fn check(target: &Target) -> Vec<Outcome> {
    let small = activation::check(LEAKY_RELU, target).await;
    [small, activation::check_large(LEAKY_RELU, target).await].concat()
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    activation::suite(LEAKY_RELU, target).await
}

fn leaked(x: f64) -> f64 {
    x * leak_slope(x)
}

fn leak_slope(x: f64) -> f64 {
    if x > 0.0 { 1.0 } else { 0.2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_function() {
        assert_eq!([-5.0, 0.0, 3.0].map(leaked), [-1.0, 0.0, 3.0]);
        assert_eq!([f64::NEG_INFINITY, f64::INFINITY].map(leaked), [f64::NEG_INFINITY, f64::INFINITY]);
    }

    #[test]
    fn slopes_agree_with_finite_differences() {
        activation::slopes_agree_with_finite_differences(LEAKY_RELU);
    }
}
