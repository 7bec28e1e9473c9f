//! The Frechet distance, against scipy and its own invariances.

use serde::Deserialize;
use slgan::metrics::*;

use crate::inputs::{assert_close, features};

#[derive(Deserialize)]
struct Reference {
    frechet: Vec<FrechetCase>,
}

#[derive(Deserialize)]
struct FrechetCase {
    dim: u32,
    counts: [u32; 2],
    scales: [u32; 2],
    seeds: [u32; 2],
    sqrtm: f64,
    svd: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/metrics.json")).expect("the reference file parses")
}

#[test]
fn frechet_distance_agrees_with_scipy() {
    let cases = reference().frechet;
    assert_eq!(cases.len(), 7);
    for case in cases {
        let gaussian = |side: usize| {
            let rows = features(case.seeds[side], case.counts[side], case.dim, case.scales[side]);
            GaussianStats::from_features(&rows, case.dim as usize).expect("finite features")
        };
        let (first, second) = (gaussian(0), gaussian(1));
        let found = frechet_distance(&first, &second).expect("equal dimensions");
        let name = format!("{:?} samples of dimension {}", case.counts, case.dim);
        // With a singular covariance, only about half of the 16 digits are right.
        let singular = case.counts.iter().any(|&count| count <= case.dim);
        assert_close(found, case.svd, if singular { 1e-6 } else { 1e-10 }, &format!("{name}, against an SVD"));
        assert_close(found, case.sqrtm, if singular { 1e-6 } else { 1e-10 }, &format!("{name}, against sqrtm"));
        let swapped = frechet_distance(&second, &first).expect("equal dimensions");
        assert_close(swapped, found, 1e-6, &format!("{name}, swapped"));
    }
}

#[test]
fn frechet_bits_are_pinned_on_every_platform() {
    let gaussian = |seed| GaussianStats::from_features(&features(seed, 90, 64, 2), 64).expect("finite features");
    let distance = frechet_distance(&gaussian(1), &gaussian(2)).expect("equal dimensions");
    assert_eq!(distance.to_bits(), 4_620_872_316_146_795_356, "{distance}");
}

#[test]
fn equal_sets_have_distance_zero_and_shifted_ones_their_squared_shift() {
    for (count, dim) in [(2, 1), (300, 16), (300, 128), (20, 128)] {
        let rows = features(5, count, dim, 2);
        let stats = GaussianStats::from_features(&rows, dim as usize).expect("finite features");
        assert!(frechet_distance(&stats, &stats).expect("equal dimensions") < 1e-5);
        let shifted: Vec<f32> = rows.iter().map(|value| value + 0.5).collect();
        let shifted = GaussianStats::from_features(&shifted, dim as usize).expect("finite features");
        let distance = frechet_distance(&stats, &shifted).expect("equal dimensions");
        assert_close(distance, 0.25 * f64::from(dim), 1e-5, "distance to the shifted set");
    }
}

#[test]
fn extreme_finite_features_give_a_finite_distance() {
    for size in [f32::MAX, f32::MIN_POSITIVE, 1e-45, 0.0] {
        let rows: Vec<f32> = features(6, 40, 8, 1).iter().map(|value| size * (value / 16.0 - 0.1)).collect();
        let stats = GaussianStats::from_features(&rows, 8).expect("finite features");
        let origin = GaussianStats::from_features(&[0.0; 16], 8).expect("finite features");
        assert!(frechet_distance(&stats, &origin).expect("equal dimensions").is_finite(), "{size}");
        assert!(frechet_distance(&stats, &stats).expect("equal dimensions").is_finite(), "{size}");
    }
}

#[test]
fn bad_features_are_refused_with_their_position() {
    let fit = |features: &[f32], dim| GaussianStats::from_features(features, dim).expect_err("bad features");
    assert_eq!(fit(&[1.0; 7], 2), FeaturesError::Ragged { len: 7, dim: 2 });
    assert_eq!(fit(&[1.0; 7], 0), FeaturesError::Ragged { len: 7, dim: 0 });
    assert_eq!(fit(&[], 3), FeaturesError::TooFewSamples { least: 2, count: 0 });
    assert_eq!(fit(&[1.0; 3], 3), FeaturesError::TooFewSamples { least: 2, count: 1 });
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(fit(&[1.0, 2.0, 3.0, bad, bad, 6.0], 2), FeaturesError::NonFinite { row: 1, column: 1 });
    }
    let stats = |dim| GaussianStats::from_features(&[1.0; 12], dim).expect("finite features");
    let error = frechet_distance(&stats(2), &stats(3)).expect_err("dimensions differ");
    assert_eq!(error.to_string(), "features of dimension 2 cannot be compared with features of dimension 3");
}

#[test]
fn a_gaussian_is_the_same_from_its_parts() {
    let rows = features(3, 30, 5, 1);
    let stats = GaussianStats::from_features(&rows, 5).expect("finite features");
    let again = GaussianStats::from_parts(stats.mean().to_vec(), stats.covariance().to_vec());
    assert_eq!((again.as_ref(), stats.dim()), (Ok(&stats), 5));
}

#[test]
fn parts_that_are_no_gaussian_are_refused() {
    let error = |mean: &[f64], covariance: &[f64]| GaussianStats::from_parts(mean.to_vec(), covariance.to_vec());
    assert_eq!(error(&[], &[]), Err(FeaturesError::Ragged { len: 0, dim: 0 }));
    assert_eq!(error(&[0.0; 2], &[1.0; 3]), Err(FeaturesError::Ragged { len: 3, dim: 2 }));
    assert_eq!(error(&[0.0, f64::NAN], &[1.0; 4]), Err(FeaturesError::NonFinite { row: 0, column: 1 }));
    assert_eq!(error(&[0.0; 2], &[1.0, 0.0, f64::INFINITY, 1.0]), Err(FeaturesError::NonFinite { row: 1, column: 0 }));
    assert_eq!(error(&[0.0; 2], &[1.0, 0.5, 0.4, 1.0]), Err(FeaturesError::NotSymmetric));
    assert!(error(&[0.0; 2], &[1.0, 0.5, 0.5 + 1e-9, 1.0]).is_ok());
}
