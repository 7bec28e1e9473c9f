//! What a few measurements of a figure, such as one for each seed, say about its mean.

use std::f64::consts::FRAC_PI_2;

use libm::{cos, sin, sqrt, tan};

/// The probability that a confidence interval holds the true mean.
pub const CONFIDENCE: f64 = 0.95;

/// Halvings of a quarter turn after which nothing is left to halve.
const HALVINGS: usize = 64;

/// The mean of measurements, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// How many measurements there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation, with `count - 1` as its divisor; none for one measurement.
    pub deviation: Option<f64>,
}

impl Estimate {
    /// The estimate from measurements; none without any.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let deviation = (count > 1).then(|| sqrt(squares / (count - 1) as f64));
        (count > 0).then_some(Self { count, mean, deviation })
    }

    /// The estimate of `to - from`, pair by pair; none without a pair that has both.
    ///
    /// # Panics
    /// If the slices have different lengths.
    pub fn of_differences(from: &[Option<f64>], to: &[Option<f64>]) -> Option<Self> {
        assert_eq!(from.len(), to.len(), "measurements come in pairs");
        let differences: Vec<f64> = from.iter().zip(to).filter_map(|(from, to)| Some((*to)? - (*from)?)).collect();
        Self::of(&differences)
    }

    /// Student's confidence interval of the mean, `mean -+ t * deviation / sqrt(count)`, for measurements that are
    /// normally distributed; none for one measurement. Of paired differences, it is the interval of the paired t-test.
    pub fn interval(&self) -> Option<[f64; 2]> {
        let error = self.deviation? / sqrt(self.count as f64);
        let half = two_sided_t(CONFIDENCE, self.count - 1) * error;
        Some([self.mean - half, self.mean + half])
    }
}

/// The `t` for which Student's distribution with `degrees` of freedom, at least 1, lies between `-t` and `t` with this
/// probability, which is above 0 and below 1.
pub fn two_sided_t(probability: f64, degrees: usize) -> f64 {
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        if probability_within(middle, degrees) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    sqrt(degrees as f64) * tan(low)
}

/// The probability of `-t` to `t`, with `t = sqrt(degrees) * tan(angle)`: a finite sum for whole degrees of freedom
/// (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
fn probability_within(angle: f64, degrees: usize) -> f64 {
    let is_odd = degrees % 2 == 1;
    let (mut power, mut term) = if is_odd { (1, cos(angle)) } else { (0, 1.0) };
    let mut sum = 0.0;
    while power + 2 <= degrees {
        sum += term;
        power += 2;
        term *= cos(angle) * cos(angle) * (power - 1) as f64 / power as f64;
    }
    if is_odd { (angle + sin(angle) * sum) / FRAC_PI_2 } else { sin(angle) * sum }
}
