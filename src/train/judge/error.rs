//! Why a judge cannot work.

use burn::tensor::ExecutionError;

use super::saved::SavedJudgeError;
use crate::metrics::FeaturesError;
use crate::train::tensors::TensorsError;

/// Why a judge cannot work.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// An image has no label.
    #[error("the judge needs a label for every training image and every held-out image")]
    Unlabelled,
    /// The saved judge cannot be used.
    #[error("the saved judge cannot be used: {0}")]
    Saved(SavedJudgeError),
    /// The held-out images have no distance to others.
    #[error(transparent)]
    Features(#[from] FeaturesError),
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(#[from] ExecutionError),
}

impl From<TensorsError> for JudgeError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::Device(error) => Self::Device(error),
            error => Self::Saved(SavedJudgeError::Tensors(error)),
        }
    }
}

impl From<SavedJudgeError> for JudgeError {
    fn from(error: SavedJudgeError) -> Self {
        Self::Saved(error)
    }
}
