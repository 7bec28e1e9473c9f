//! Probabilities from logits.

/// Subtracted from the logit of an excluded label, so that its probability is 0.
pub const EXCLUSION: f32 = 1e9;

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
