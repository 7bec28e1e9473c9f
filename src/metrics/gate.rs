//! How many images pass the confidence gate, and how many of those are labelled correctly.
//!
//! The gate itself belongs to the labels; this module only counts its decisions.

/// The fraction of flags that are set, in `[0, 1]`; `None` without flags.
pub fn share(flags: &[bool]) -> Option<f64> {
    fraction_true(flags.iter().copied())
}

/// The fraction of images that pass the gate, in `[0, 1]`; `None` without images.
pub fn gate_coverage(passed: &[bool]) -> Option<f64> {
    share(passed)
}

/// The fraction of correctly labelled images among those that pass the gate, in `[0, 1]`; `None` if none passes.
///
/// # Panics
/// If the slices differ in length.
pub fn gate_precision(passed: &[bool], correct: &[bool]) -> Option<f64> {
    assert_eq!(passed.len(), correct.len(), "every image needs a gate decision and a verdict");
    fraction_true(passed.iter().zip(correct).filter(|&(&passed, _)| passed).map(|(_, &correct)| correct))
}

fn fraction_true(flags: impl Iterator<Item = bool>) -> Option<f64> {
    let (count, hits) = flags.fold((0u64, 0u64), |(count, hits), flag| (count + 1, hits + u64::from(flag)));
    (count > 0).then(|| hits as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_that_pass_count_for_precision() {
        let passed = [true, false, true, true, false];
        let correct = [true, true, false, true, false];
        assert_eq!(gate_coverage(&passed), Some(0.6));
        assert_eq!(gate_precision(&passed, &correct), Some(2.0 / 3.0));
    }

    #[test]
    fn precision_is_undefined_if_nothing_passes() {
        assert_eq!(gate_coverage(&[false; 3]), Some(0.0));
        assert_eq!(gate_precision(&[false; 3], &[true; 3]), None);
        assert_eq!(gate_coverage(&[]), None);
        assert_eq!(gate_precision(&[], &[]), None);
    }
}
