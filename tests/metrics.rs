//! Checks the metrics against scikit-learn, scipy, brute force and their own invariances.
//!
//! `reference/metrics.py` wrote the expected values. It makes the inputs with the same integer formulas as this file.

use serde::Deserialize;
use slgan::metrics::*;
use slgan::rng::{Purpose, Stream, stream};

#[derive(Deserialize)]
struct Reference {
    clustering: Vec<ClusteringCase>,
    frechet: Vec<FrechetCase>,
}

#[derive(Deserialize)]
struct ClusteringCase {
    name: String,
    count: u32,
    clusters: u32,
    classes: u32,
    agreement: u32,
    rotation: u32,
    seed: u32,
    clustering_accuracy: f64,
    purity: f64,
    nmi: f64,
    ari: f64,
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
    serde_json::from_str(include_str!("reference/metrics.json")).expect("the reference file parses")
}

/// Bijective hash of 32-bit integers (lowbias32).
fn scramble(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
    x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

fn labels(case: &ClusteringCase) -> (Vec<usize>, Vec<usize>) {
    let pair = |image: u32| {
        let index = image + case.seed * 1_000_003;
        let truth = scramble(2 * index) % case.classes;
        let noise = scramble(2 * index + 1);
        let agrees = noise % 100 < case.agreement;
        let assigned = if agrees { truth + case.rotation } else { noise / 128 } % case.clusters;
        (assigned as usize, truth as usize)
    };
    (0..case.count).map(pair).unzip()
}

fn features(seed: u32, count: u32, dim: u32, scale: u32) -> Vec<f32> {
    let value = |row: u32, column: u32| {
        let own = scramble(seed * 1_000_003 + row * dim + column) % 1024;
        let shared = scramble(seed * 1_000_003 + 500_000 + row) % 1024;
        (own * scale + shared * (column % 3) + column * seed) as f32 / 1024.0
    };
    (0..count).flat_map(|row| (0..dim).map(move |column| value(row, column))).collect()
}

fn measures(table: &ContingencyTable) -> [Option<f64>; 4] {
    [clustering_accuracy(table), purity(table), normalized_mutual_information(table), adjusted_rand_index(table)]
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error <= tolerance, "{what}: found {found}, expected {expected}, error {error:e}");
}

fn random_labels(draws: &mut Stream, count: usize, bound: u32) -> Vec<usize> {
    (0..count).map(|_| draws.below(bound) as usize).collect()
}

#[test]
fn clustering_measures_agree_with_scikit_learn() {
    let cases = reference().clustering;
    assert_eq!(cases.len(), 13);
    for case in cases {
        let (assigned, truth) = labels(&case);
        let expected = [case.clustering_accuracy, case.purity, case.nmi, case.ari];
        let found = measures(&ContingencyTable::new(&assigned, &truth));
        for (name, (found, expected)) in ["accuracy", "purity", "nmi", "ari"].iter().zip(found.iter().zip(expected)) {
            assert_close(found.expect("there are images"), expected, 1e-12, &format!("{name} of {}", case.name));
        }
    }
}

#[test]
fn no_measure_is_defined_without_images() {
    assert_eq!(measures(&ContingencyTable::new(&[], &[])), [None; 4]);
    assert_eq!(measures(&ContingencyTable::with_shape(&[], &[], 3, 5)), [None; 4]);
}

#[test]
fn renaming_labels_and_adding_unused_ones_changes_nothing() {
    let mut draws = stream(1, Purpose::Test, 0);
    for (clusters, classes) in [(6, 6), (9, 4), (4, 9)] {
        let truth = random_labels(&mut draws, 200, classes);
        let noise = random_labels(&mut draws, 200, clusters);
        let agreeing =
            |(&truth, &noise): (&usize, &usize)| if noise % 3 == 0 { noise } else { truth % clusters as usize };
        let assigned: Vec<usize> = truth.iter().zip(&noise).map(agreeing).collect();
        let renamed = |labels: &[usize], names: &[u32]| labels.iter().map(|&label| names[label] as usize).collect();
        let assigned_renamed: Vec<usize> = renamed(&assigned, &draws.permutation(clusters as usize + 3));
        let truth_renamed: Vec<usize> = renamed(&truth, &draws.permutation(classes as usize + 2));

        let before = measures(&ContingencyTable::new(&assigned, &truth));
        let after = measures(&ContingencyTable::with_shape(&assigned_renamed, &truth_renamed, 15, 12));
        for (before, after) in before.iter().zip(after) {
            assert_close(after.expect("defined"), before.expect("defined"), 1e-13, "after renaming");
        }
    }
}

/// The largest number of agreeing images over all one-to-one assignments of `rows` to unused columns.
fn best_by_trying_all(rows: &[Vec<u32>], used: &mut Vec<bool>) -> u32 {
    let Some((row, rest)) = rows.split_first() else { return 0 };
    let mut best = best_by_trying_all(rest, used);
    for column in 0..row.len() {
        if !used[column] {
            used[column] = true;
            best = best.max(row[column] + best_by_trying_all(rest, used));
            used[column] = false;
        }
    }
    best
}

#[test]
fn the_assignment_is_one_to_one_and_none_is_better() {
    let mut draws = stream(2, Purpose::Test, 0);
    for (rows, columns) in [(1, 1), (1, 5), (5, 1), (2, 3), (5, 5), (6, 3), (3, 7), (6, 6), (0, 4), (4, 0)] {
        for largest_count in [1, 3, 1000, u32::MAX - 1] {
            let mut row = || (0..columns).map(|_| draws.below(largest_count + 1) / rows.max(1)).collect::<Vec<_>>();
            let counts: Vec<Vec<u32>> = (0..rows).map(|_| row()).collect();
            let table = ContingencyTable::try_from(counts.clone()).expect("equal rows");
            let assignment = best_assignment(&table);

            let mut matched: Vec<usize> = assignment.iter().copied().flatten().collect();
            assert_eq!(matched.len(), table.rows().len().min(table.columns()), "{rows}x{columns}");
            matched.sort_unstable();
            matched.dedup();
            assert_eq!(matched.len(), table.rows().len().min(table.columns()), "a label was matched twice");

            let agreeing: u32 = counts.iter().zip(&assignment).filter_map(|(row, column)| Some(row[(*column)?])).sum();
            assert_eq!(agreeing, best_by_trying_all(&counts, &mut vec![false; columns]), "{counts:?}");
        }
    }
}

#[test]
fn a_table_counts_pairs_and_survives_json() {
    let table = ContingencyTable::with_shape(&[2, 0, 2, 2], &[1, 0, 1, 0], 4, 2);
    assert_eq!(table.rows(), [[1, 0], [0, 0], [1, 2], [0, 0]]);
    assert_eq!((table.row_sums(), table.column_sums(), table.total()), (vec![1, 0, 3, 0], vec![2, 2], 4));
    let json = serde_json::to_string(&table).expect("a table serialises");
    assert_eq!(json, "[[1,0],[0,0],[1,2],[0,0]]");
    assert_eq!(serde_json::from_str::<ContingencyTable>(&json).expect("it parses"), table);

    let ragged = serde_json::from_str::<ContingencyTable>("[[1,2],[3]]").expect_err("the rows differ");
    assert!(ragged.to_string().contains("row 1 of the contingency table has 1 columns"), "{ragged}");
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
    assert_eq!(fit(&[1.0; 7], 2), FrechetError::Ragged { len: 7, dim: 2 });
    assert_eq!(fit(&[1.0; 7], 0), FrechetError::Ragged { len: 7, dim: 0 });
    assert_eq!(fit(&[], 3), FrechetError::TooFewSamples { count: 0 });
    assert_eq!(fit(&[1.0; 3], 3), FrechetError::TooFewSamples { count: 1 });
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert_eq!(fit(&[1.0, 2.0, 3.0, bad, bad, 6.0], 2), FrechetError::NonFinite { row: 1, column: 1 });
    }
    let stats = |dim| GaussianStats::from_features(&[1.0; 12], dim).expect("finite features");
    let error = frechet_distance(&stats(2), &stats(3)).expect_err("dimensions differ");
    assert_eq!(error.to_string(), "features of dimension 2 cannot be compared with features of dimension 3");
}
