//! Why a suite cannot finish.

use burn::tensor::ExecutionError;

use crate::train::checkpoint::CheckpointError;

/// Why a suite cannot finish.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(ExecutionError),
    /// The fixed state could not be written as a checkpoint.
    #[error("the checkpoint of the fixed state: {0}")]
    Checkpoint(CheckpointError),
}

impl From<ExecutionError> for SuiteError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error)
    }
}

impl From<CheckpointError> for SuiteError {
    fn from(error: CheckpointError) -> Self {
        Self::Checkpoint(error)
    }
}
