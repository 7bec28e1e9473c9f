//! The kernel distance between two sets of image features: the squared maximum mean discrepancy with a cubic kernel.
//!
//! The formula defines the kernel inception distance (Binkowski et al. 2018, arXiv 1801.01401, section 4). Unlike the
//! Frechet distance it has no bias for few images, and it assumes nothing about the distribution of the features.
//!
//! Sums run in f64, in lanes whose number no processor changes. So equal features give equal bits on every machine.

use super::features::{FeaturesError, check_dimensions, count_rows};
use super::spread::Spread;

/// Sums that run side by side, which compilers turn into vector instructions.
const LANES: usize = 8;

/// The rows of the first and of the second set that make one estimate.
pub type SubsetPair = [Vec<usize>; 2];

/// Features whose kernel distance to others can be estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct KernelFeatures {
    dim: usize,
    count: usize,
    /// `[count, dim]`, each row filled up with zeros to whole lanes. As f32, because there are many.
    rows: Vec<f32>,
}

impl KernelFeatures {
    /// Takes `features`, `[count, dim]` in row-major order.
    ///
    /// # Errors
    /// If the features are not whole rows of `dim` values, are fewer than two rows, or are not all finite.
    pub fn new(features: &[f32], dim: usize) -> Result<Self, FeaturesError> {
        let count = count_rows(features, dim, 2)?;
        let padding = vec![0.0; dim.next_multiple_of(LANES) - dim];
        let rows = features.chunks_exact(dim).flat_map(|row| row.iter().chain(&padding).copied()).collect();
        Ok(Self { dim, count, rows })
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The rows at `indices`, as f64.
    fn rows_at(&self, indices: &[usize]) -> Vec<f64> {
        let width = self.dim.next_multiple_of(LANES);
        indices.iter().flat_map(|&index| &self.rows[index * width..][..width]).copied().map(f64::from).collect()
    }
}

/// The unbiased estimate of the kernel distance between two sets (Gretton et al. 2012, JMLR 13, eq. 3) for the kernel
/// `(<x, y> / dim + 1)^3`; in units of that kernel. Around equal distributions it may be below 0.
///
/// # Errors
/// If the sets differ in dimension.
pub fn kernel_distance(first: &KernelFeatures, second: &KernelFeatures) -> Result<f64, FeaturesError> {
    let whole = [first, second].map(|set| (0..set.count).collect());
    Ok(kernel_distance_of_subsets(first, second, &[whole])?.mean)
}

/// The mean of [`kernel_distance`] over pairs of subsets, each with at least two rows of each set. The time grows with
/// the square of a subset's size, so many small ones stand for two large sets.
///
/// # Errors
/// If the sets differ in dimension.
///
/// # Panics
/// If there is no pair, a subset has fewer than two rows, or a row does not exist.
pub fn kernel_distance_of_subsets(
    first: &KernelFeatures,
    second: &KernelFeatures,
    subsets: &[SubsetPair],
) -> Result<Spread, FeaturesError> {
    check_dimensions(first.dim, second.dim)?;
    let smallest = subsets.iter().flatten().map(Vec::len).min();
    assert!(smallest.is_some_and(|rows| rows >= 2), "a mean over pairs needs a pair, and two rows make one");
    let estimate = |[x, y]: &SubsetPair| estimate(&first.rows_at(x), &second.rows_at(y), first.dim);
    Ok(Spread::of(&subsets.iter().map(estimate).collect::<Vec<_>>()))
}

/// The unbiased estimate: means over all pairs of different rows.
fn estimate(x: &[f64], y: &[f64], dim: usize) -> f64 {
    let width = dim.next_multiple_of(LANES);
    let [of_x, of_y] = [x, y].map(|set| set.chunks_exact(width).collect::<Vec<_>>());
    let across: f64 = of_x.iter().map(|x| of_y.iter().map(|y| kernel(x, y, dim)).sum::<f64>()).sum();
    let pairs = (of_x.len() * of_y.len()) as f64;
    mean_within(&of_x, dim) + mean_within(&of_y, dim) - 2.0 * across / pairs
}

/// The mean kernel of two different rows of a set. The kernel is symmetric, so every pair counts once.
fn mean_within(rows: &[&[f64]], dim: usize) -> f64 {
    let with_earlier = |(index, row): (usize, &&[f64])| rows[..index].iter().map(|other| kernel(row, other, dim)).sum();
    let sums: Vec<f64> = rows.iter().enumerate().map(with_earlier).collect();
    2.0 * sums.iter().sum::<f64>() / (rows.len() * (rows.len() - 1)) as f64
}

fn kernel(x: &[f64], y: &[f64], dim: usize) -> f64 {
    let mut sums = [0.0; LANES];
    for (x, y) in x.chunks_exact(LANES).zip(y.chunks_exact(LANES)) {
        sums.iter_mut().zip(x.iter().zip(y)).for_each(|(sum, (x, y))| *sum += x * y);
    }
    let base = sums.iter().sum::<f64>() / dim as f64 + 1.0;
    base * base * base
}
