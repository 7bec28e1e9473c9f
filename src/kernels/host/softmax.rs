//! Probabilities from logits.

/// The logit of an excluded label, whose probability is 0.
const EXCLUDED: f32 = -1e9;

/// A logit, or that of an excluded label if `allowed` is 0. A logit that is not finite is not hidden.
pub fn excluded_unless(allowed: f32, logit: f32) -> f32 {
    if allowed < 0.5 && logit.is_finite() { EXCLUDED } else { logit }
}

/// Appends the probabilities to `out`, and returns the log of the sum of all exponentials. Uses libm's functions, so
/// that all platforms give the same bits.
pub fn softmax(logits: impl Iterator<Item = f32> + Clone, out: &mut Vec<f32>) -> f32 {
    let highest = logits.clone().fold(f32::NEG_INFINITY, f32::max);
    let first = out.len();
    out.extend(logits.map(|logit| libm::expf(logit - highest)));
    let total: f32 = out[first..].iter().sum();
    out[first..].iter_mut().for_each(|power| *power /= total);
    libm::logf(total) + highest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sum with a large negative number would round the logits of all labels away where none is allowed.
    #[test]
    fn excluded_labels_have_no_share_and_bad_logits_show() {
        let shares = |allowed: [f32; 3], logits: [f32; 3]| {
            let mut shares = Vec::new();
            softmax(
                allowed.into_iter().zip(logits).map(|(allowed, logit)| excluded_unless(allowed, logit)),
                &mut shares,
            );
            shares
        };
        assert_eq!(shares([1.0, 0.0, 1.0], [2.0, 50.0, 2.0]), [0.5, 0.0, 0.5]);
        assert_eq!(shares([0.0; 3], [1.0, 2.0, 3.0]), [1.0 / 3.0; 3]);
        assert!(shares([1.0, 0.0, 1.0], [0.0, f32::NAN, 0.0]).iter().all(|share| share.is_nan()));
    }
}
