//! A figure that is measured several times.

use serde::{Deserialize, Serialize};

/// The mean of several measurements, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The population standard deviation, as the packages report it: 0 for one measurement.
    pub deviation: f64,
}

impl Spread {
    /// The spread of at least one value.
    pub(super) fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        Self { mean, deviation: variance.sqrt() }
    }
}
