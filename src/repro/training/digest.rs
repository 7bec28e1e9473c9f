//! A tensor in a few numbers.

use super::signs::Signs;
use crate::kernels::checks::digest;
use crate::repro::report::{TensorDigest, short};

/// Sums with random signs.
pub const PROJECTIONS: usize = 4;

/// The digest of a tensor.
pub fn of(name: &str, values: &[f32], signs: &Signs) -> TensorDigest {
    let mut sums = [0.0; PROJECTIONS];
    let (mut sum, mut squares) = (0.0, 0.0);
    for (at, &value) in values.iter().enumerate() {
        let value = f64::from(value);
        sum += value;
        squares += value * value;
        for (number, total) in sums.iter_mut().enumerate() {
            *total += if signs.is_negative(at, number) { -value } else { value };
        }
    }
    TensorDigest {
        name: name.to_owned(),
        count: values.len() as u64,
        sha256: digest(values.iter().copied()),
        norm: short(libm::sqrt(squares)),
        sum: short(sum),
        projections: sums.map(short).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    #[test]
    fn a_digest_has_norm_sum_and_nothing_that_is_not_finite() {
        let signs = Signs::new(4);
        let found = of("w", &[3.0, -4.0], &signs);
        assert_eq!((found.norm, found.sum, found.count), (Some(5.0), Some(-1.0), 2));
        assert!(found.projections.iter().flatten().all(|sum| [1.0, 7.0].contains(&sum.abs())), "{found:?}");
        let bad = of("w", &[f32::NAN, 1.0], &signs);
        assert_eq!((bad.norm, bad.sum, bad.projections), (None, None, vec![None; PROJECTIONS]));
    }

    /// The mean square of the projections' differences estimates the squared distance.
    #[test]
    fn projections_estimate_distances() {
        let count = 2_000;
        let signs = Signs::new(count);
        let estimates: Vec<f64> = (0..100)
            .map(|case| {
                let [one, two] = [0, 1].map(|which| stream(which, Purpose::Test, case).normals(count));
                let distance: f64 = one.iter().zip(&two).map(|(a, b)| f64::from(a - b).powi(2)).sum();
                let [one, two] = [one, two].map(|values| of("w", &values, &signs).projections);
                let differences = one.iter().flatten().zip(two.iter().flatten()).map(|(a, b)| (a - b).powi(2));
                differences.sum::<f64>() / PROJECTIONS as f64 / distance
            })
            .collect();
        let mean = estimates.iter().sum::<f64>() / estimates.len() as f64;
        assert!((mean - 1.0).abs() < 0.2, "{mean}");
    }
}
