//! The checkpoints of a run.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Error, Result, anyhow, ensure};
use slgan::train::checkpoint::{self, CheckpointFiles, HEADER_FILE, Header, TENSORS_FILE};

use super::folder::RunFolder;
use crate::cli::CheckpointChoice;
use crate::failure::usage;
use crate::{atomic, regular_file, report};

impl RunFolder {
    /// Saves a checkpoint, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written; earlier checkpoints stay.
    pub fn save(&self, step: u64, files: &CheckpointFiles) -> Result<()> {
        let path = self.checkpoint_path(step);
        if fs::symlink_metadata(&path).is_ok() {
            if self.is_whole(step) {
                // A resumed run may repeat steps that it has saved before. The state is the same, so the old files stay.
                return Ok(());
            }
            self.set_aside(step)?;
        }
        atomic::write_directory(&path, |staging| {
            for (name, bytes) in [(TENSORS_FILE, &files.tensors), (HEADER_FILE, &files.header)] {
                fs::write(staging.join(name), bytes).with_context(|| path.join(name).display().to_string())?;
            }
            Ok(())
        })
    }

    /// The steps of all checkpoints, whole or not, in ascending order.
    ///
    /// # Errors
    /// If the folder cannot be read; if there is none, there are no checkpoints.
    pub fn checkpoint_steps(&self) -> Result<Vec<u64>> {
        let folder = self.path.join("checkpoints");
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.with_context(|| folder.display().to_string())?,
        };
        let mut steps = Vec::new();
        for entry in entries {
            let name = entry.with_context(|| folder.display().to_string())?.file_name();
            let step = name.to_str().and_then(|name| name.strip_prefix("step-")?.parse().ok());
            steps.extend(step.filter(|step| self.checkpoint_path(*step).ends_with(&name)));
        }
        steps.sort_unstable();
        Ok(steps)
    }

    /// Deletes the oldest checkpoints beyond the newest `keep`, but never the best; 0 keeps all. Deletes none if nothing
    /// says which is the best.
    ///
    /// # Errors
    /// If one cannot be deleted.
    pub fn prune(&self, keep: usize) -> Result<()> {
        let steps = self.checkpoint_steps()?;
        let excess = if keep == 0 { 0 } else { steps.len().saturating_sub(keep) };
        let Ok(best) = self.best() else { return Ok(()) };
        let best = best.map(|best| best.step);
        for &step in steps[..excess].iter().filter(|step| Some(**step) != best) {
            let path = self.checkpoint_path(step);
            fs::remove_dir_all(&path).with_context(|| format!("deleting {}", path.display()))?;
        }
        Ok(())
    }

    /// Reads a checkpoint: its header, and the bytes of its tensors.
    ///
    /// # Errors
    /// If there is none, or it is damaged. The error names the file, and the newest checkpoint that is whole.
    pub fn load(&self, which: &CheckpointChoice) -> Result<(Header, Vec<u8>)> {
        if !self.path.is_dir() {
            return Err(usage(format!("{}: no such run folder", self.path.display())));
        }
        let step = self.chosen(which)?;
        self.read(step).map_err(|error| self.with_a_way_on(error))
    }

    /// Reads the checkpoint from which a run goes on; none if it has not saved one yet. Checks the events first, from
    /// which its report will be made.
    ///
    /// # Errors
    /// As [`Self::load`], and if a line of the events is damaged, or the checkpoints that the run has saved are missing.
    pub fn resume(&self, which: &CheckpointChoice) -> Result<Option<(Header, Vec<u8>)>> {
        report::check(&self.path)?;
        if *which != CheckpointChoice::Last || !self.checkpoint_steps()?.is_empty() {
            return self.load(which).map(Some);
        }
        match self.last_saved()? {
            None => Ok(None),
            Some(step) => Err(anyhow!(
                "{}: no checkpoint is there, but events.jsonl says that step {step} was saved{}",
                self.path.join("checkpoints").display(),
                self.begin_again()
            )),
        }
    }

    /// Whether the checkpoint of a step can be read, and its files are as they were written.
    pub fn is_whole(&self, step: u64) -> bool {
        self.read(step).is_ok()
    }

    /// Moves a damaged checkpoint out of the way. Nothing is deleted. Returns its new path.
    ///
    /// # Errors
    /// If it cannot be moved.
    pub fn set_aside(&self, step: u64) -> Result<PathBuf> {
        let path = self.checkpoint_path(step);
        let mut names = (1..).map(|number| self.path.join(format!("checkpoints/damaged-step-{step:08}-{number}")));
        let is_free = |path: &PathBuf| fs::symlink_metadata(path).is_err();
        let aside = names.find(is_free).expect("there are more numbers than files");
        fs::rename(&path, &aside).with_context(|| format!("moving {} to {}", path.display(), aside.display()))?;
        Ok(aside)
    }

    fn checkpoint_path(&self, step: u64) -> PathBuf {
        self.path.join(Self::checkpoint_name(step))
    }

    fn chosen(&self, which: &CheckpointChoice) -> Result<u64> {
        let (steps, run) = (self.checkpoint_steps()?, self.path.display());
        let step = match which {
            CheckpointChoice::Last => steps.last().copied(),
            CheckpointChoice::Step(step) => Some(*step),
            CheckpointChoice::Best => match self.best()? {
                Some(best) => {
                    ensure!(steps.contains(&best.step), "{run}: {}", gone(best.step, &steps));
                    Some(best.step)
                }
                None => return Err(usage(format!("{run}: no best.json; train with --best METRIC to get one"))),
            },
        };
        step.filter(|step| steps.contains(step))
            .ok_or_else(|| usage(format!("{run}: no such checkpoint; available: {steps:?}")))
    }

    fn read(&self, step: u64) -> Result<(Header, Vec<u8>)> {
        let folder = self.checkpoint_path(step);
        let read = |name: &str| {
            let path = folder.join(name);
            regular_file::read(&path).with_context(|| path.display().to_string())
        };
        let header = checkpoint::read_header(&read(HEADER_FILE)?).with_context(|| folder.display().to_string())?;
        let named = header.step == step;
        ensure!(named, "{}: its name says step {step}, but its {HEADER_FILE} step {}", folder.display(), header.step);
        let tensors = read(TENSORS_FILE)?;
        checkpoint::verify(&header, &tensors).with_context(|| folder.display().to_string())?;
        Ok((header, tensors))
    }

    fn begin_again(&self) -> String {
        let config = self.config_path();
        format!("; copy the folder again, or train again with --config {} --out DIR", config.display())
    }

    /// An error about a damaged checkpoint, with what a user can do.
    fn with_a_way_on(&self, error: Error) -> Error {
        let steps = self.checkpoint_steps().unwrap_or_default();
        match steps.into_iter().rev().find(|step| self.is_whole(*step)) {
            Some(step) => {
                anyhow!("{error:#}; the newest whole checkpoint is that of step {step}: use --checkpoint {step}")
            }
            None => anyhow!("{error:#}; no checkpoint of this run is whole{}", self.begin_again()),
        }
    }
}

fn gone(step: u64, steps: &[u64]) -> String {
    format!("best.json names the checkpoint of step {step}, which is gone; available: {steps:?}")
}
