//! Schedules, in absolute steps.

use crate::config::GeneratorConfig;

/// The factor of the learning rates of generator and discriminator at a step: 1 until `decay_from`, then a linear fall
/// to 0 at `decay_until`. It is always 1 if `decay_until` is 0.
pub fn learning_rate_factor(config: &GeneratorConfig, step: u64) -> f64 {
    if config.decay_until == 0 || step <= config.decay_from {
        return 1.0;
    }
    let span = config.decay_until.saturating_sub(config.decay_from).max(1) as f64;
    (config.decay_until.saturating_sub(step) as f64 / span).min(1.0)
}
