//! Counts of assigned labels against true labels: all that the clustering measures and the confusion matrix need.
//!
//! Measures take this table instead of labels, so that one pass counts the images and one place checks lengths. The
//! table may not know what a label means.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How often each assigned label has each true label: `[assigned labels, true labels]`, serialised as nested arrays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u32>>", into = "Vec<Vec<u32>>")]
pub struct ContingencyTable {
    columns: usize,
    rows: Vec<Vec<u32>>,
}

/// The rows of a deserialised table have different lengths.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("row {row} of the contingency table has {found} columns; the first row has {expected}")]
pub struct RaggedTable {
    row: usize,
    found: usize,
    expected: usize,
}

impl ContingencyTable {
    /// Counts the pairs `(assigned[i], truth[i])` in the smallest table for the labels that occur.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn new(assigned: &[usize], truth: &[usize]) -> Self {
        let size = |labels: &[usize]| labels.iter().max().map_or(0, |&largest| largest + 1);
        Self::with_shape(assigned, truth, size(assigned), size(truth))
    }

    /// Counts the pairs `(assigned[i], truth[i])` in a table of `rows` assigned and `columns` true labels. Labels that
    /// never occur keep their row or column.
    ///
    /// # Panics
    /// If the slices differ in length or a label lies outside the table.
    pub fn with_shape(assigned: &[usize], truth: &[usize], rows: usize, columns: usize) -> Self {
        assert_eq!(assigned.len(), truth.len(), "every image needs an assigned and a true label");
        let mut counts = vec![vec![0; columns]; rows];
        for (&row, &column) in assigned.iter().zip(truth) {
            counts[row][column] += 1;
        }
        Self { columns, rows: counts }
    }

    /// The counts: one row of true labels per assigned label.
    pub fn rows(&self) -> &[Vec<u32>] {
        &self.rows
    }

    /// The number of true labels.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of images with each assigned label.
    pub fn row_sums(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.iter().copied().map(u64::from).sum()).collect()
    }

    /// The number of images with each true label.
    pub fn column_sums(&self) -> Vec<u64> {
        (0..self.columns).map(|column| self.rows.iter().map(|row| u64::from(row[column])).sum()).collect()
    }

    /// The number of images.
    pub fn total(&self) -> u64 {
        self.row_sums().iter().sum()
    }
}

impl TryFrom<Vec<Vec<u32>>> for ContingencyTable {
    type Error = RaggedTable;

    fn try_from(rows: Vec<Vec<u32>>) -> Result<Self, RaggedTable> {
        let columns = rows.first().map_or(0, Vec::len);
        match rows.iter().position(|row| row.len() != columns) {
            Some(row) => Err(RaggedTable { row, found: rows[row].len(), expected: columns }),
            None => Ok(Self { columns, rows }),
        }
    }
}

impl From<ContingencyTable> for Vec<Vec<u32>> {
    fn from(table: ContingencyTable) -> Self {
        table.rows
    }
}
