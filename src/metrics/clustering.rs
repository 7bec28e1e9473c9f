//! Measures of agreement between assigned and true labels, for labels with arbitrary numbers.
//!
//! All are invariant under renaming labels on either side, and `None` without images. Degenerate cases follow
//! scikit-learn; the tests compare with its values.

use super::{ContingencyTable, best_assignment};

/// The fraction of images that agree under the best one-to-one assignment of assigned to true labels, in `[0, 1]`.
///
/// Images whose assigned label is unmatched count as wrong.
pub fn clustering_accuracy(table: &ContingencyTable) -> Option<f64> {
    let matched = table.rows().iter().zip(best_assignment(table));
    fraction(matched.map(|(row, column)| column.map_or(0, |column| u64::from(row[column]))).sum(), table)
}

/// Whether the labels of each image agree under the assignment of [`clustering_accuracy`], which is their share.
///
/// # Panics
/// If the slices differ in length, or a label lies outside the table.
pub fn matched(table: &ContingencyTable, assigned: &[usize], truth: &[usize]) -> Vec<bool> {
    assert_eq!(assigned.len(), truth.len(), "every image needs an assigned and a true label");
    let assignment = best_assignment(table);
    assigned.iter().zip(truth).map(|(&label, &class)| assignment[label] == Some(class)).collect()
}

/// The fraction of images with the most common true label of their assigned label, in `[0, 1]`.
///
/// It grows with the number of assigned labels, and is 1 if every image has its own label.
pub fn purity(table: &ContingencyTable) -> Option<f64> {
    fraction(table.rows().iter().filter_map(|row| row.iter().max()).copied().map(u64::from).sum(), table)
}

/// The mutual information of assigned and true labels over the arithmetic mean of their entropies, in `[0, 1]`.
///
/// It is 1 if both sides have a single label, and 0 if only one side does.
pub fn normalized_mutual_information(table: &ContingencyTable) -> Option<f64> {
    let total = table.total();
    if total == 0 {
        return None;
    }
    let cells: Vec<u64> = table.rows().iter().flatten().copied().map(u64::from).collect();
    let assigned = entropy(&table.row_sums(), total);
    let truth = entropy(&table.column_sums(), total);
    if assigned + truth == 0.0 {
        return Some(1.0);
    }
    let mutual = assigned + truth - entropy(&cells, total);
    Some((2.0 * mutual / (assigned + truth)).clamp(0.0, 1.0))
}

/// The Rand index corrected for chance (Hubert and Arabie 1985): 1 for equal partitions, 0 on average for random
/// labels, and at least -0.5.
pub fn adjusted_rand_index(table: &ContingencyTable) -> Option<f64> {
    let total = table.total();
    if total == 0 {
        return None;
    }
    let together = pairs(table.rows().iter().flatten().copied().map(u64::from));
    let assigned = pairs(table.row_sums());
    let truth = pairs(table.column_sums());
    if together == assigned && together == truth {
        return Some(1.0);
    }
    let expected = assigned * (truth / pairs([total]));
    Some((together - expected) / ((assigned + truth) / 2.0 - expected))
}

fn fraction(agreeing: u64, table: &ContingencyTable) -> Option<f64> {
    match table.total() {
        0 => None,
        total => Some(agreeing as f64 / total as f64),
    }
}

/// The entropy in nats of a distribution given as counts that sum to `total`; exactly 0 if only one count is not 0.
fn entropy(counts: &[u64], total: u64) -> f64 {
    let probabilities = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / total as f64);
    probabilities.map(|p| p * -libm::log(p)).sum()
}

/// The number of pairs within groups of these sizes.
fn pairs(sizes: impl IntoIterator<Item = u64>) -> f64 {
    sizes.into_iter().map(|size| size as f64 * size.saturating_sub(1) as f64 / 2.0).sum()
}
