//! Errors of a result in several units, and a digest of its bits.

use sha2::{Digest, Sha256};

/// What is known about the numbers of a result beside its largest error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// How many numbers there are.
    pub count: usize,
    /// SHA-256 of their bits, for comparison with another run; all NaNs count as equal.
    pub digest: String,
    /// The mean difference, in the unit of the largest one; NaN where that is NaN.
    pub mean_error: f64,
    /// The largest difference in units in the last place of the expected value; NaN as above.
    pub largest_ulps: f64,
    /// The mean difference in such units.
    pub mean_ulps: f64,
}

/// The largest difference as a fraction of the largest expected value or of 1, and all other figures. Errors are NaN if
/// NaNs or infinities are in other places than expected.
pub fn compared(found: &[f64], expected: &[f64]) -> (f64, Figures) {
    let digest = digest(found.iter().map(|&value| value as f32));
    let count = found.len();
    if !is_comparable(found, expected) {
        let bad = f64::NAN;
        return (bad, Figures { count, digest, mean_error: bad, largest_ulps: bad, mean_ulps: bad });
    }
    let finite = || found.iter().zip(expected).filter(|(_, expected)| expected.is_finite());
    let scale = finite().fold(1.0f64, |scale, (_, expected)| scale.max(expected.abs()));
    let errors: Vec<f64> = finite().map(|(found, expected)| (found - expected).abs() / scale).collect();
    let ulps: Vec<f64> = finite().map(|(found, expected)| (found - expected).abs() / ulp(*expected)).collect();
    let (mean_error, largest_ulps, mean_ulps) = (mean(&errors), largest(&ulps), mean(&ulps));
    (largest(&errors), Figures { count, digest, mean_error, largest_ulps, mean_ulps })
}

/// SHA-256 of the bits of numbers, little-endian, with one NaN for all.
pub fn digest(values: impl IntoIterator<Item = f32>) -> String {
    let mut hash = Sha256::new();
    for value in values {
        hash.update((if value.is_nan() { f32::NAN } else { value }).to_bits().to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_comparable(found: &[f64], expected: &[f64]) -> bool {
    let alike = |(found, expected): (&f64, &f64)| {
        found.is_nan() == expected.is_nan() && (expected.is_finite() || found == expected || found.is_nan())
    };
    found.len() == expected.len() && found.iter().zip(expected).all(alike)
}

/// The largest of some errors; NaN if one is.
fn largest(errors: &[f64]) -> f64 {
    // `max` would ignore NaN; this comparison keeps it.
    errors.iter().fold(0.0, |a, &b| if b <= a { a } else { b })
}

/// The mean of some errors; 0 without any.
fn mean(errors: &[f64]) -> f64 {
    errors.iter().sum::<f64>() / errors.len().max(1) as f64
}

/// The distance of f32 numbers around a finite value.
fn ulp(value: f64) -> f64 {
    let smallest = f64::from(f32::MIN_POSITIVE);
    // The bits of an f64 without its significand are the power of two below it.
    let power = f64::from_bits(value.abs().max(smallest).to_bits() & (0x7ff << 52));
    power * f64::from(f32::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn largest_error(found: &[f64], expected: &[f64]) -> f64 {
        compared(found, expected).0
    }

    #[test]
    fn errors_are_relative_to_the_largest_value_and_bad_values_stand_out() {
        assert_eq!(largest_error(&[1.0, -99.0], &[1.0, -100.0]), 0.01);
        assert_eq!(largest_error(&[0.5], &[0.25]), 0.25);
        assert!(largest_error(&[1.0], &[1.0, 2.0]).is_nan());
        assert!(largest_error(&[f64::NAN], &[0.0]).is_nan());
        assert!(largest_error(&[0.0], &[f64::NAN]).is_nan());
        assert!(largest_error(&[f64::INFINITY], &[0.0]).is_infinite());
        assert!(largest_error(&[f64::INFINITY, 2.0], &[f64::NEG_INFINITY, 2.0]).is_nan());
        assert_eq!(largest_error(&[f64::INFINITY, f64::NAN, 2.0], &[f64::INFINITY, f64::NAN, 2.0]), 0.0);
    }

    #[test]
    fn units_in_the_last_place_are_those_of_the_expected_value() {
        let unit = f64::from(f32::EPSILON);
        for (value, expected) in [(1.0, unit), (-1.5, unit), (2.0, 2.0 * unit), (0.75, unit / 2.0)] {
            assert_eq!(ulp(value), expected, "{value}");
        }
        assert_eq!(ulp(0.0), f64::from(f32::from_bits(1)));
        assert_eq!(ulp(1e-300), f64::from(f32::from_bits(1)));
        let (_, figures) = compared(&[1.0 + unit, 4.0], &[1.0, 4.0]);
        assert_eq!((figures.largest_ulps, figures.mean_ulps, figures.mean_error), (1.0, 0.5, unit / 8.0));
    }

    #[test]
    fn equal_bits_have_equal_digests_and_nans_are_equal() {
        let nans = [f32::NAN, f32::from_bits(0xffc0_0001)].map(|nan| digest([1.0, nan]));
        assert_eq!(nans[0], nans[1]);
        assert_ne!(digest([0.0]), digest([-0.0]));
        assert_eq!(compared(&[f64::NAN], &[f64::NAN]).1.mean_error, 0.0);
    }
}
