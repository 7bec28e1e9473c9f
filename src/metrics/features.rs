//! Checks of sets of features, which every comparison of two sets begins with.

use thiserror::Error;

/// Why a set of features cannot be measured, or two sets cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeaturesError {
    /// The features are not whole rows of `dim` numbers.
    #[error("{len} feature values cannot be split into rows of {dim}")]
    Ragged {
        /// The number of values.
        len: usize,
        /// The length of a row.
        dim: usize,
    },
    /// A covariance needs two samples, and a neighbourhood as many as it has neighbours, and one more.
    #[error("expected at least {least} feature rows, found {count}")]
    TooFewSamples {
        /// The number of rows that are needed.
        least: usize,
        /// The number of rows.
        count: usize,
    },
    /// A feature is infinite or not a number.
    #[error("feature {column} of row {row} is not finite")]
    NonFinite {
        /// The row of the first such feature.
        row: usize,
        /// Its place in that row.
        column: usize,
    },
    /// A covariance is not symmetric.
    #[error("a covariance must be symmetric")]
    NotSymmetric,
    /// The two sets are from different feature spaces.
    #[error("features of dimension {left} cannot be compared with features of dimension {right}")]
    DimensionMismatch {
        /// The dimension of the first set.
        left: usize,
        /// The dimension of the second set.
        right: usize,
    },
}

/// The number of rows of `features`, `[count, dim]` in row-major order: at least `least`, all finite.
pub(super) fn count_rows(features: &[f32], dim: usize, least: usize) -> Result<usize, FeaturesError> {
    if dim == 0 || !features.len().is_multiple_of(dim) {
        return Err(FeaturesError::Ragged { len: features.len(), dim });
    }
    let count = features.len() / dim;
    if count < least {
        return Err(FeaturesError::TooFewSamples { least, count });
    }
    match features.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(FeaturesError::NonFinite { row: index / dim, column: index % dim }),
        None => Ok(count),
    }
}

/// Two sets are comparable only in the same feature space.
pub(super) fn check_dimensions(left: usize, right: usize) -> Result<(), FeaturesError> {
    if left == right { Ok(()) } else { Err(FeaturesError::DimensionMismatch { left, right }) }
}
