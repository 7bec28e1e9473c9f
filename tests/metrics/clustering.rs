//! Counts, assignments and clustering measures, against scikit-learn, brute force and their own invariances.

use serde::Deserialize;
use slgan::metrics::*;
use slgan::rng::{Purpose, Stream, stream};

use crate::inputs::{assert_close, scramble};

#[derive(Deserialize)]
struct Reference {
    clustering: Vec<ClusteringCase>,
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

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/metrics.json")).expect("the reference file parses")
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

fn measures(table: &ContingencyTable) -> [Option<f64>; 4] {
    [clustering_accuracy(table), purity(table), normalized_mutual_information(table), adjusted_rand_index(table)]
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
