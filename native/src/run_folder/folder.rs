//! The folder of a run, and the paths in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use slgan::config::Config;
use slgan::data::DataSpec;

use crate::atomic;

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

    /// `runs/<data>-<preset>-<seed>`.
    pub fn default_path(config: &Config, spec: &DataSpec) -> PathBuf {
        let data = spec.name();
        let preset = format!("{:?}", config.preset).to_lowercase();
        Path::new("runs").join(format!("{data}-{preset}-{}", config.seed))
    }

    /// The first of `path`, `path-2`, `path-3` and so on that is free.
    pub fn first_free(path: PathBuf) -> Self {
        let numbered = (2..).map(|number| PathBuf::from(format!("{}-{number}", path.display())));
        let free = std::iter::once(path.clone()).chain(numbered).find(|candidate| !candidate.exists());
        Self::at(free.unwrap_or(path))
    }

    /// Creates the folder with its configuration.
    ///
    /// # Errors
    /// If it cannot be written; then nothing remains.
    pub fn create(&self, config: &Config) -> Result<()> {
        let config = config.to_toml()?;
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        atomic::write_directory(&self.path, |staging| {
            for name in Self::FOLDERS {
                let folder = staging.join(name);
                fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
            }
            Ok(atomic::write_file(&staging.join("config.toml"), config.as_bytes())?)
        })
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
