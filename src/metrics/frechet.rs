//! The Frechet distance between two sets of image features, each taken as a Gaussian.
//!
//! The formula defines the Frechet inception distance (Heusel et al. 2017, arXiv 1706.08500, eq. 6). If the features come
//! from a judge of our own, not from Inception, the values cannot be compared with a published FID. Therefore runs call
//! the figure `frechet_judge`, and nothing may call it FID.
//!
//! Sums run in a fixed order. Matrix products avoid nalgebra's blocked kernel, which chooses its instructions by
//! processor. So equal features give equal bits on every machine; a test pins some of these bits.

use nalgebra::{DMatrix, DVector};

use super::features::{FeaturesError, check_dimensions, count_rows};

/// The mean `[dim]` and unbiased covariance `[dim, dim]` of a set of features; always finite.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianStats {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

impl GaussianStats {
    /// Fits a Gaussian to `features`, `[count, dim]` in row-major order.
    ///
    /// # Errors
    /// If the features are not whole rows of `dim` values, are fewer than two rows, or are not all finite.
    pub fn from_features(features: &[f32], dim: usize) -> Result<Self, FeaturesError> {
        let count = count_rows(features, dim, 2)?;
        let rows =
            features.chunks_exact(dim).map(|row| DVector::from_iterator(dim, row.iter().copied().map(f64::from)));
        let mean = rows.sum::<DVector<f64>>() / count as f64;
        let scatter = scatter(features, &mean);
        Ok(Self { mean, covariance: scatter / (count - 1) as f64 })
    }

    /// The Gaussian with a mean `[dim]` and a covariance `[dim, dim]` in row-major order, such as another program saved.
    ///
    /// # Errors
    /// If they do not fit each other, are not finite, or the covariance is not symmetric to a millionth.
    pub fn from_parts(mean: Vec<f64>, covariance: Vec<f64>) -> Result<Self, FeaturesError> {
        let dim = mean.len();
        if dim == 0 || covariance.len() != dim * dim {
            return Err(FeaturesError::Ragged { len: covariance.len(), dim });
        }
        let not_finite = |values: &[f64]| values.iter().position(|value| !value.is_finite());
        if let Some(column) = not_finite(&mean) {
            return Err(FeaturesError::NonFinite { row: 0, column });
        }
        if let Some(index) = not_finite(&covariance) {
            return Err(FeaturesError::NonFinite { row: index / dim, column: index % dim });
        }
        let covariance = DMatrix::from_row_slice(dim, dim, &covariance);
        let largest = covariance.amax();
        if (0..dim * dim)
            .any(|at| (covariance[(at / dim, at % dim)] - covariance[(at % dim, at / dim)]).abs() > 1e-6 * largest)
        {
            return Err(FeaturesError::NotSymmetric);
        }
        Ok(Self { mean: DVector::from_vec(mean), covariance })
    }

    /// The dimension of the features.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// The mean `[dim]`.
    pub fn mean(&self) -> &[f64] {
        self.mean.as_slice()
    }

    /// The covariance `[dim, dim]`; rows and columns are the same.
    pub fn covariance(&self) -> &[f64] {
        self.covariance.as_slice()
    }
}

/// Columns that are summed together: as many as fit into a cache at 2,048 features, whose whole matrix takes 32 MB.
const COLUMNS: usize = 64;

/// The sum over rows of the outer product of each centred row with itself. Every element is a sum in the order of the
/// rows, whatever the columns that are summed together.
fn scatter(features: &[f32], mean: &DVector<f64>) -> DMatrix<f64> {
    let dim = mean.len();
    let mut scatter = DMatrix::zeros(dim, dim);
    let mut centred = vec![0.0; dim];
    for (block, columns) in scatter.as_mut_slice().chunks_mut(COLUMNS * dim).enumerate() {
        for row in features.chunks_exact(dim) {
            centred
                .iter_mut()
                .zip(row.iter().zip(mean.iter()))
                .for_each(|(to, (&from, mean))| *to = f64::from(from) - mean);
            for (column, sums) in (block * COLUMNS..).zip(columns.chunks_exact_mut(dim)) {
                let factor = centred[column];
                // The rest of the column is the rest of a row of this symmetric matrix.
                sums[column..].iter_mut().zip(&centred[column..]).for_each(|(sum, other)| *sum += factor * other);
            }
        }
    }
    scatter.fill_upper_triangle_with_lower_triangle();
    scatter
}

/// The squared Frechet (2-Wasserstein) distance of two Gaussians, `|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))`; at
/// least 0, in squared units of the features.
///
/// `S1 S2` is not symmetric, and its root is unstable if a covariance is singular, as with fewer samples than
/// dimensions. With `S1 = V L V^T` and `W = V L^(1/2)`, the root has the same trace as `(W^T S2 W)^(1/2)`. That matrix
/// is symmetric and positive semidefinite; eigenvalues that rounding makes negative count as 0.
///
/// # Errors
/// If the Gaussians differ in dimension.
pub fn frechet_distance(a: &GaussianStats, b: &GaussianStats) -> Result<f64, FeaturesError> {
    check_dimensions(a.mean.len(), b.mean.len())?;
    let eigen = a.covariance.clone().symmetric_eigen();
    let mut factor = eigen.eigenvectors;
    for (mut column, &variance) in factor.column_iter_mut().zip(&eigen.eigenvalues) {
        column *= variance.max(0.0).sqrt();
    }
    let product = transpose_times(&factor, &transpose_times(&b.covariance, &factor));
    let root_trace: f64 = product.symmetric_eigenvalues().iter().map(|&square| square.max(0.0).sqrt()).sum();
    let means = (&a.mean - &b.mean).norm_squared();
    Ok((means + a.covariance.trace() + b.covariance.trace() - 2.0 * root_trace).max(0.0))
}

/// `left^T right`, as dot products of columns.
fn transpose_times(left: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(left.ncols(), right.ncols(), |i, j| left.column(i).dot(&right.column(j)))
}
