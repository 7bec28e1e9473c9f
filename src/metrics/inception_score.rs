//! The Inception score: are generated images of clear classes, and of many?
//!
//! The formula needs only logits. So the program computes it with a judge's classes too, and says whose classes they
//! are: the numbers of two classifiers cannot be compared.

use super::features::{FeaturesError, count_rows};
use super::spread::Spread;

/// The Inception score of `logits`, `[count, classes]` in row-major order: `exp` of the mean over images of
/// `KL(p(y|x) || p(y))` (Salimans et al. 2016, arXiv 1606.03498, section 4), over `splits` equal parts. It is 1 at
/// least, and the number of classes at most.
///
/// `p(y)` is the mean of a part. Parts are consecutive rows, so callers shuffle rows that are sorted. As in the original
/// code and torch-fidelity, part `i` of `n` ends before row `(i + 1) * count / n`.
///
/// # Errors
/// If the logits are not whole rows of `classes` numbers, are fewer than `splits` rows, or are not all finite.
///
/// # Panics
/// If there are no splits.
pub fn inception_score(logits: &[f32], classes: usize, splits: usize) -> Result<Spread, FeaturesError> {
    assert!(splits > 0, "a score has at least one part");
    let count = count_rows(logits, classes, splits)?;
    let part = |index: usize| &logits[index * count / splits * classes..(index + 1) * count / splits * classes];
    Ok(Spread::of(&(0..splits).map(|index| score_of(part(index), classes)).collect::<Vec<_>>()))
}

fn score_of(logits: &[f32], classes: usize) -> f64 {
    let rows: Vec<Vec<f64>> = logits.chunks_exact(classes).map(log_probabilities).collect();
    let mut marginal = vec![0.0; classes];
    for row in &rows {
        marginal.iter_mut().zip(row).for_each(|(sum, &log)| *sum += libm::exp(log));
    }
    let log_marginal: Vec<f64> = marginal.iter().map(|sum| libm::log(sum / rows.len() as f64)).collect();
    let divergence = |row: &Vec<f64>| row.iter().zip(&log_marginal).map(|(&log, &marginal)| term(log, marginal)).sum();
    let divergences: Vec<f64> = rows.iter().map(divergence).collect();
    libm::exp(divergences.iter().sum::<f64>() / rows.len() as f64)
}

/// One term of the divergence. A probability too small for a number adds nothing.
fn term(log: f64, log_marginal: f64) -> f64 {
    match libm::exp(log) {
        0.0 => 0.0,
        probability => probability * (log - log_marginal),
    }
}

/// The logarithms of the softmax of a row.
fn log_probabilities(logits: &[f32]) -> Vec<f64> {
    let highest = logits.iter().fold(f64::NEG_INFINITY, |highest, &logit| highest.max(f64::from(logit)));
    let total: f64 = logits.iter().map(|&logit| libm::exp(f64::from(logit) - highest)).sum();
    let shift = highest + libm::log(total);
    logits.iter().map(|&logit| f64::from(logit) - shift).collect()
}
