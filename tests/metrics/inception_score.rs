//! The Inception score, by its extremes and invariances.

use slgan::metrics::*;

use crate::inputs::{assert_close, logits};

/// Certain logits for these classes.
fn certain(classes: &[usize], of: usize) -> Vec<f32> {
    classes.iter().flat_map(|&class| (0..of).map(move |other| if other == class { 500.0 } else { -500.0 })).collect()
}

fn score(logits: &[f32], classes: usize, splits: usize) -> Spread {
    inception_score(logits, classes, splits).expect("finite logits")
}

#[test]
fn certain_images_score_the_number_of_their_classes_and_uncertain_ones_score_one() {
    assert_close(score(&certain(&[0, 1, 2, 3], 4), 4, 1).mean, 4.0, 1e-12, "all classes");
    assert_close(score(&certain(&[1, 3, 1, 3], 4), 4, 1).mean, 2.0, 1e-12, "two classes");
    assert_close(score(&certain(&[2; 7], 4), 4, 1).mean, 1.0, 1e-12, "one class");
    assert_close(score(&[0.25; 12], 4, 1).mean, 1.0, 1e-12, "uncertain");
}

#[test]
fn each_part_has_a_score_of_its_own() {
    // In order, each part has one class; taken in turns, each has both.
    let in_order = score(&certain(&[0, 0, 1, 1], 2), 2, 2);
    assert_close(in_order.mean, 1.0, 1e-12, "sorted rows");
    let in_turns = score(&certain(&[0, 1, 1, 0], 2), 2, 2);
    assert_close(in_turns.mean, 2.0, 1e-12, "mixed rows");
    let uneven = score(&certain(&[0, 1, 1, 1], 2), 2, 2);
    assert_eq!((uneven.mean, uneven.deviation), (1.5, 0.5));
}

#[test]
fn a_constant_added_to_a_row_changes_nothing() {
    let rows = logits(9, 40, 6, 5);
    let shifted: Vec<f32> = rows.iter().enumerate().map(|(index, logit)| logit + (index / 6) as f32).collect();
    assert_close(score(&shifted, 6, 3).mean, score(&rows, 6, 3).mean, 1e-12, "shifted rows");
    for size in [f32::MAX, 1e-45] {
        let extreme: Vec<f32> = rows.iter().map(|logit| size * (logit / 5.0 - 0.5)).collect();
        assert!((1.0 - 1e-9..=6.0 + 1e-9).contains(&score(&extreme, 6, 1).mean), "{size}");
    }
}

#[test]
fn bad_logits_are_refused() {
    let error = |logits: &[f32], splits| inception_score(logits, 2, splits).expect_err("bad logits");
    assert_eq!(error(&[1.0; 3], 1), FeaturesError::Ragged { len: 3, dim: 2 });
    assert_eq!(error(&[1.0; 4], 3), FeaturesError::TooFewSamples { least: 3, count: 2 });
    assert_eq!(error(&[1.0, 2.0, 3.0, f32::NAN], 1), FeaturesError::NonFinite { row: 1, column: 1 });
}
