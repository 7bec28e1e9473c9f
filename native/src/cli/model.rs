//! The flags of every command that uses a trained model.

use std::path::PathBuf;

use clap::Args;

use super::checkpoint::CheckpointChoice;

/// The model that a command uses, and the device.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Run folder.
    pub run: PathBuf,
    /// Checkpoint to use: last, best or a step.
    #[arg(long, value_name = "last|best|STEP", default_value = "last")]
    pub checkpoint: CheckpointChoice,
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
}
