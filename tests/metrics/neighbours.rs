//! Coverage and recall, precision and density, against the package PRDC, the definitions, and cases by hand.

use serde::Deserialize;
use slgan::metrics::*;

use crate::inputs::{assert_close, features};

#[derive(Deserialize)]
struct Case {
    dim: u32,
    counts: [u32; 2],
    scales: [u32; 2],
    seeds: [u32; 2],
    coverage: f64,
    recall: f64,
    precision: f64,
    density: f64,
}

impl Case {
    fn features(&self, side: usize) -> Vec<f32> {
        features(self.seeds[side], self.counts[side], self.dim, self.scales[side])
    }
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../reference/neighbours.json")).expect("the reference file parses")
}

fn shares(real: &[f32], generated: &[f32], dim: usize) -> [f64; 2] {
    let [real, generated] = [real, generated].map(|rows| Neighbourhoods::from_features(rows, dim).expect("sound"));
    let CoverageAndRecall { coverage, recall } = coverage_and_recall(&real, &generated).expect("equal dimensions");
    [coverage, recall]
}

/// Precision and density.
fn closeness(real: &[f32], generated: &[f32], dim: usize) -> [f64; 2] {
    let [real, generated] = [real, generated].map(|rows| Neighbourhoods::from_features(rows, dim).expect("sound"));
    let PrecisionAndDensity { precision, density } =
        precision_and_density(&real, &generated).expect("equal dimensions");
    [precision, density]
}

/// The definitions of coverage, recall, precision and density, with every distance and a sort.
fn by_definition(real: &[f32], generated: &[f32], dim: usize) -> [f64; 4] {
    let distance = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
    };
    let radius = |set: &[&[f32]], own: usize| {
        let others = (0..set.len()).filter(|&other| other != own);
        let mut distances: Vec<f64> = others.map(|other| distance(set[own], set[other])).collect();
        distances.sort_by(f64::total_cmp);
        distances[NEIGHBOURS - 1]
    };
    let [real, generated] = [real, generated].map(|features| features.chunks_exact(dim).collect::<Vec<_>>());
    let is_covered = |&own: &usize| {
        let radius = radius(&real, own);
        generated.iter().any(|other| distance(real[own], other) <= radius)
    };
    let is_recalled = |&own: &usize| {
        (0..generated.len()).any(|other| distance(real[own], generated[other]) <= radius(&generated, other))
    };
    let around =
        |other: &[f32]| (0..real.len()).filter(|&own| distance(real[own], other) <= radius(&real, own)).count();
    let around: Vec<usize> = generated.iter().map(|other| around(other)).collect();
    let share = |count: usize| count as f64 / real.len() as f64;
    let mean = |sum: usize| sum as f64 / generated.len() as f64;
    [
        share((0..real.len()).filter(is_covered).count()),
        share((0..real.len()).filter(is_recalled).count()),
        mean(around.iter().filter(|&&balls| balls > 0).count()),
        mean(around.iter().sum()) / NEIGHBOURS as f64,
    ]
}

#[test]
fn all_four_agree_with_prdc() {
    let cases = cases();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let [real, generated] = [0, 1].map(|side| case.features(side));
        let what = format!("{:?} samples of dimension {}", case.counts, case.dim);
        assert_eq!(shares(&real, &generated, case.dim as usize), [case.coverage, case.recall], "{what}");
        let [precision, density] = closeness(&real, &generated, case.dim as usize);
        assert_close(precision, case.precision, 1e-12, &what);
        assert_close(density, case.density, 1e-12, &what);
    }
}

#[test]
fn all_four_agree_with_their_definitions() {
    for (dim, counts, scales) in
        [(1, [6, 6], [1, 1]), (3, [31, 17], [2, 1]), (7, [60, 45], [1, 2]), (8, [20, 50], [1, 1])]
    {
        let [real, generated] = [0, 1].map(|side| features(50 + side as u32, counts[side], dim, scales[side]));
        let found = [shares, closeness].map(|measure| measure(&real, &generated, dim as usize)).concat();
        assert_eq!(found, by_definition(&real, &generated, dim as usize), "{counts:?} samples of dimension {dim}");
    }
}

#[test]
fn equal_sets_are_covered_and_recalled_and_distant_ones_are_not() {
    for (count, dim) in [(6, 1), (40, 3), (90, 128)] {
        let rows = features(5, count, dim, 2);
        assert_eq!(shares(&rows, &rows, dim as usize), [1.0, 1.0]);
        let distant: Vec<f32> = rows.iter().map(|value| value + 1e3).collect();
        assert_eq!(shares(&rows, &distant, dim as usize), [0.0, 0.0]);
        // Every ball holds its own sample and five others.
        let [precision, density] = closeness(&rows, &rows, dim as usize);
        assert!(precision == 1.0 && density >= 1.2, "{density}");
        assert_eq!(closeness(&rows, &distant, dim as usize), [0.0, 0.0]);
    }
    // All samples of a set are the same, so their balls have no extent.
    assert_eq!(shares(&[0.5; 24], &[0.5; 30], 3), [1.0, 1.0]);
    assert_eq!(shares(&[0.5; 24], &[0.25; 30], 3), [0.0, 0.0]);
}

#[test]
fn a_missing_kind_lowers_both_and_a_lack_of_variety_lowers_recall() {
    // Two groups of ten on a line, far from each other.
    let group = |start: f32| (0..10).map(move |place| start + place as f32);
    let real: Vec<f32> = group(0.0).chain(group(1_000.0)).collect();
    let one_kind: Vec<f32> = group(0.25).chain(group(0.75)).collect();
    assert_eq!(shares(&real, &one_kind, 1), [0.5, 0.5]);
    // One picture of each kind, repeated: still near all of its kind, but without any extent of its own.
    let repeated = [[4.5_f32; 10], [1_004.5; 10]].concat();
    assert_eq!(shares(&real, &repeated, 1), [1.0, 0.0]);
}

#[test]
fn unlike_pictures_lower_precision_and_crowds_raise_density() {
    // Balls of a line of ten reach to the fifth neighbour.
    let real: Vec<f32> = (0..10).map(|place| place as f32).collect();
    let half_unlike: Vec<f32> = (0..10).map(|place| if place < 5 { 4.5 } else { 1e3 }).collect();
    let crowd = [4.5; 10];
    let [precision, density] = closeness(&real, &half_unlike, 1);
    assert_eq!((precision, closeness(&real, &crowd, 1)), (0.5, [1.0, 2.0 * density]));
    // All ten balls reach 4.5, twice as many as the neighbours that make one.
    assert_eq!(density, 1.0);
}

#[test]
fn a_ball_reaches_to_the_fifth_neighbour_and_includes_its_edge() {
    let covered = |at: f32| 6.0 * shares(&[0.0, 10.0, 20.0, 30.0, 40.0, 50.0], &[at, 1e6, 2e6, 3e6, 4e6, 5e6], 1)[0];
    // The fifth neighbour of one of six samples is the farthest. So the first three balls begin at -50, -30 and -10.
    assert_eq!([-10.0, -10.5, -30.0, -30.5, -50.0, -50.5].map(covered), [3.0, 2.0, 2.0, 1.0, 1.0, 0.0]);
}

#[test]
fn extreme_finite_features_have_shares() {
    for size in [f32::MAX, f32::MIN_POSITIVE, 1e-45, 0.0] {
        let rows: Vec<f32> = features(6, 40, 8, 1).iter().map(|value| size * (value / 16.0 - 0.1)).collect();
        assert_eq!(shares(&rows, &rows, 8), [1.0, 1.0], "{size}");
    }
}

#[test]
fn bad_features_are_refused_with_their_position() {
    let measure = |features: &[f32], dim| Neighbourhoods::from_features(features, dim).expect_err("bad features");
    assert_eq!(measure(&[1.0; 13], 2), FeaturesError::Ragged { len: 13, dim: 2 });
    assert_eq!(measure(&[1.0; 13], 0), FeaturesError::Ragged { len: 13, dim: 0 });
    assert_eq!(measure(&[], 3), FeaturesError::TooFewSamples { least: 6, count: 0 });
    let error = measure(&[1.0; 10], 2);
    assert_eq!(error, FeaturesError::TooFewSamples { least: 6, count: 5 });
    assert_eq!(error.to_string(), "expected at least 6 feature rows, found 5");
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut features = [1.0; 12];
        features[7..9].fill(bad);
        assert_eq!(measure(&features, 2), FeaturesError::NonFinite { row: 3, column: 1 });
    }
    let sound = |dim| Neighbourhoods::from_features(&[1.0; 18], dim).expect("sound");
    precision_and_density(&sound(2), &sound(3)).expect_err("dimensions differ");
    let error = coverage_and_recall(&sound(2), &sound(3)).expect_err("dimensions differ");
    assert_eq!(error.to_string(), "features of dimension 2 cannot be compared with features of dimension 3");
}
