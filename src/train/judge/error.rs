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
    /// A judge that needs only some labels has none to learn from, or to be measured with.
    #[error(
        "the judge needs labels of at least two classes, and labelled held-out images: found {train} and {held_out}"
    )]
    FewLabels {
        /// Labelled training images.
        train: usize,
        /// Labelled held-out images.
        held_out: usize,
    },
    /// Training went to numbers that are not finite.
    #[error("the judge's loss is {loss} at step {step}: training it failed")]
    Diverged {
        /// The step.
        step: u64,
        /// The loss.
        loss: f32,
    },
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

impl JudgeError {
    /// Whether other data would help.
    pub fn is_of_data(&self) -> bool {
        matches!(self, Self::Unlabelled | Self::FewLabels { .. } | Self::Features(_))
    }
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
