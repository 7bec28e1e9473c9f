//! The folder of a run, and the paths in it.

use std::path::PathBuf;

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// Its path.
    pub path: PathBuf,
}

impl RunFolder {
    /// The folders in it.
    pub const FOLDERS: [&str; 2] = ["samples", "checkpoints"];

    /// The run folder at a path, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Path of the resolved configuration.
    pub fn config_path(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    /// Path of the events.
    pub fn events_path(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// Path of the best checkpoint's description.
    pub fn best_path(&self) -> PathBuf {
        self.path.join("best.json")
    }

    /// Path of a sample grid, relative to the folder.
    pub fn samples_name(step: u64) -> String {
        format!("samples/step-{step:08}.png")
    }

    /// Path of a checkpoint, relative to the folder.
    pub fn checkpoint_name(step: u64) -> String {
        format!("checkpoints/step-{step:08}")
    }
}
