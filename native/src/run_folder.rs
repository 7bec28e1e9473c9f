//! Run folders: their files, and how the program finds, creates and reads them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use slgan::config::Config;
use slgan::data::DataSpec;
use slgan::train::checkpoint::{self, CheckpointFiles, HEADER_FILE, Header, TENSORS_FILE};

use crate::atomic;
use crate::cli::CheckpointChoice;
use crate::failure::usage;

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// Its path.
    pub path: PathBuf,
}

/// The best checkpoint by one metric, in `best.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The name of the metric, as in the events.
    pub metric: String,
    /// Its value on the held-out images.
    pub value: f64,
    /// The step of the checkpoint.
    pub step: u64,
    /// Whether the choice used the labels of all held-out images. If so, it is not a result of label-free training.
    pub used_all_labels: bool,
}

impl RunFolder {
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
            fs::create_dir(staging.join("samples"))?;
            fs::create_dir(staging.join("checkpoints"))?;
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

    /// Path of a sample grid, relative to the folder.
    pub fn samples_name(step: u64) -> String {
        format!("samples/step-{step:08}.png")
    }

    /// Path of a checkpoint, relative to the folder.
    pub fn checkpoint_name(step: u64) -> String {
        format!("checkpoints/step-{step:08}")
    }

    /// Saves a checkpoint, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written; earlier checkpoints stay.
    pub fn save(&self, step: u64, files: &CheckpointFiles) -> Result<()> {
        let path = self.path.join(Self::checkpoint_name(step));
        if path.exists() {
            // A resumed run may repeat steps that it has saved before. The state is the same, so the old files stay.
            return Ok(());
        }
        atomic::write_directory(&path, |staging| {
            for (name, bytes) in [(TENSORS_FILE, &files.tensors), (HEADER_FILE, &files.header)] {
                fs::write(staging.join(name), bytes).with_context(|| path.join(name).display().to_string())?;
            }
            Ok(())
        })
    }

    /// The steps of all checkpoints, in ascending order.
    pub fn checkpoint_steps(&self) -> Vec<u64> {
        let entries = fs::read_dir(self.path.join("checkpoints")).into_iter().flatten().flatten();
        let mut steps: Vec<u64> = entries
            .filter_map(|entry| entry.file_name().to_string_lossy().strip_prefix("step-")?.parse().ok())
            .collect();
        steps.sort_unstable();
        steps
    }

    /// Deletes the oldest checkpoints beyond the newest `keep`, but never the best; 0 keeps all.
    ///
    /// # Errors
    /// If one cannot be deleted.
    pub fn prune(&self, keep: usize) -> Result<()> {
        let best = self.best().map(|best| best.step);
        let steps = self.checkpoint_steps();
        let excess = if keep == 0 { 0 } else { steps.len().saturating_sub(keep) };
        for &step in steps[..excess].iter().filter(|step| Some(**step) != best) {
            let path = self.path.join(Self::checkpoint_name(step));
            fs::remove_dir_all(&path).with_context(|| format!("deleting {}", path.display()))?;
        }
        Ok(())
    }

    /// The best checkpoint so far, if `best.json` exists.
    pub fn best(&self) -> Option<Best> {
        serde_json::from_slice(&fs::read(self.path.join("best.json")).ok()?).ok()
    }

    /// Records the best checkpoint so far.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_best(&self, best: &Best) -> Result<()> {
        Ok(atomic::write_file(&self.path.join("best.json"), &serde_json::to_vec_pretty(best)?)?)
    }

    /// Reads a checkpoint: its header, and the bytes of its tensors.
    ///
    /// # Errors
    /// If there is none, or its header is damaged. The error names the file.
    pub fn load(&self, which: &CheckpointChoice) -> Result<(Header, Vec<u8>)> {
        if !self.path.is_dir() {
            return Err(usage(format!("{}: no such run folder", self.path.display())));
        }
        let steps = self.checkpoint_steps();
        let step = match which {
            CheckpointChoice::Last => steps.last().copied(),
            CheckpointChoice::Best => match self.best() {
                Some(best) => Some(best.step),
                None => {
                    let path = self.path.display();
                    return Err(usage(format!("{path}: no best.json; train with --best METRIC to get one")));
                }
            },
            CheckpointChoice::Step(step) => Some(*step),
        };
        let Some(step) = step.filter(|step| steps.contains(step)) else {
            return Err(usage(format!("{}: no such checkpoint; available: {steps:?}", self.path.display())));
        };
        let folder = self.path.join(Self::checkpoint_name(step));
        let read = |name: &str| fs::read(folder.join(name)).with_context(|| folder.join(name).display().to_string());
        let header = checkpoint::read_header(&read(HEADER_FILE)?).with_context(|| folder.display().to_string())?;
        Ok((header, read(TENSORS_FILE)?))
    }
}
