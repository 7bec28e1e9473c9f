//! Errors that end a run before its last step.

use burn::tensor::ExecutionError;

use super::checkpoint::CheckpointError;
use super::exchange::ExchangeError;
use super::judge::JudgeError;
use super::table_error::LabelTableError;

/// Why a run ended before its last step.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A loss is not finite; the warning before this error says more.
    #[error("step {step}: a loss is not finite; {advice}")]
    NonFinite {
        /// Steps done.
        step: u64,
        /// Which checkpoint to resume, and what to change.
        advice: String,
    },
    /// The checkpoint could not be written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The judge failed.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// There is no label table.
    #[error(transparent)]
    LabelTable(#[from] LabelTableError),
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(#[from] ExecutionError),
    /// Another process of the run failed, or differs.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The processes cannot have equally many shards.
    #[error(
        "shards: expected a multiple of the number of processes, which is {ranks}, found {shards}; set shards when a \
         run begins, with --set shards={ranks}, or start as many processes as divide it"
    )]
    UnevenShards {
        /// Shards of a batch.
        shards: usize,
        /// Processes.
        ranks: usize,
    },
    /// The shell could not take an event.
    #[error("{0}")]
    Shell(Box<dyn std::error::Error + Send + Sync>),
}

impl TrainError {
    /// What the device says, if it could not be read.
    pub fn of_the_device(&self) -> Option<&ExecutionError> {
        match self {
            Self::Device(error) | Self::Checkpoint(CheckpointError::Device(error)) => Some(error),
            Self::Judge(JudgeError::Device(error)) => Some(error),
            _ => None,
        }
    }
}
