//! Schedules, in absolute steps.

use crate::config::GeneratorConfig;

/// What the learning rates of generator and discriminator are multiplied by at a step: 1 until `decay_from`, then
/// falling linearly to 0 at `decay_until`, where that is set.
pub fn learning_rate_factor(config: &GeneratorConfig, step: u64) -> f64 {
    if config.decay_until == 0 || step <= config.decay_from {
        return 1.0;
    }
    let span = config.decay_until.saturating_sub(config.decay_from).max(1) as f64;
    (config.decay_until.saturating_sub(step) as f64 / span).min(1.0)
}
