//! Why images cannot be measured.

use crate::metrics::FeaturesError;

/// Why images cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// The features of a set cannot be measured.
    #[error("{set}: {error}")]
    Features {
        /// Which set: `real images` or `generated images`.
        set: &'static str,
        /// What is wrong with its features.
        error: FeaturesError,
    },
    /// The two sets cannot be compared.
    #[error(transparent)]
    Pair(#[from] FeaturesError),
    /// A metric needs the features of every real image, and only their mean and covariance are known.
    #[error("{metric} needs real images, but there are only their statistics: mean and covariance serve fid alone")]
    StatisticsOnly {
        /// The metric.
        metric: &'static str,
    },
}

/// The name of real images in errors.
pub(super) const REAL: &str = "real images";

/// The name of generated images in errors.
pub(super) const GENERATED: &str = "generated images";

/// Says which set an error is about.
pub(super) fn of(set: &'static str) -> impl Fn(FeaturesError) -> EvalError {
    move |error| EvalError::Features { set, error }
}
