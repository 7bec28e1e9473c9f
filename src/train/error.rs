//! Why a run ends before its last step.

use burn::tensor::ExecutionError;

use super::checkpoint::CheckpointError;
use super::judge::JudgeError;

/// Why a run ended before its last step.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A loss is no longer a number; the warning before this says more.
    #[error("step {step}: a loss is not finite; {advice}")]
    NonFinite {
        /// Steps done.
        step: u64,
        /// From where to go on.
        advice: String,
    },
    /// A checkpoint could not be made.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The judge failed.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(#[from] ExecutionError),
    /// The shell could not take an event.
    #[error("{0}")]
    Shell(Box<dyn std::error::Error + Send + Sync>),
}
