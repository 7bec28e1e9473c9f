//! Schedules, in absolute steps.

use crate::config::{ClassifierConfig, GeneratorConfig};

/// The factor of the learning rates of generator and discriminator at a step: 1 until `decay_from`, then a linear fall
/// to 0 at `decay_until`. It is always 1 if `decay_until` is 0.
pub fn learning_rate_factor(config: &GeneratorConfig, step: u64) -> f64 {
    falling(config.decay_from, config.decay_until, step)
}

/// Lambda at a step, if it is not the same at all steps: its weight until `generator_weight_from`, then a linear fall
/// to 0 at `generator_weight_until`.
pub fn fading_lambda(config: &ClassifierConfig, step: u64) -> Option<f64> {
    let (from, until) = (config.generator_weight_from, config.generator_weight_until);
    (until > 0).then(|| config.generator_weight * falling(from, until, step))
}

/// 1 until `from`, then a linear fall to 0 at `until`; always 1 if `until` is 0.
fn falling(from: u64, until: u64, step: u64) -> f64 {
    if until == 0 || step <= from {
        return 1.0;
    }
    let span = until.saturating_sub(from).max(1) as f64;
    (until.saturating_sub(step) as f64 / span).min(1.0)
}

/// The weight of a label table's labels in the discriminator, which grows linearly from 0 before step `from` to 1 after
/// `ramp` steps.
pub fn rising(from: u64, ramp: u64, step: u64) -> f64 {
    let done = (step + 1).saturating_sub(from) as f64;
    if ramp == 0 { 1.0 } else { (done / ramp as f64).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn lambda_is_constant_unless_it_has_an_end() {
        let mut config = Config::default().classifier;
        assert_eq!(fading_lambda(&config, 7), None);
        (config.generator_weight, config.generator_weight_from, config.generator_weight_until) = (0.8, 10, 14);
        let found: Vec<f64> = [0, 10, 11, 12, 14, 20].map(|step| fading_lambda(&config, step).unwrap()).to_vec();
        assert_eq!(found, [0.8, 0.8, 0.8 * 0.75, 0.4, 0.0, 0.0]);
    }

    #[test]
    fn the_weight_of_labels_grows_over_the_ramp() {
        assert_eq!([100, 101, 103, 104, 900].map(|step| rising(100, 4, step)), [0.25, 0.5, 1.0, 1.0, 1.0]);
        assert_eq!([100, 500].map(|step| rising(100, 0, step)), [1.0, 1.0]);
    }
}
