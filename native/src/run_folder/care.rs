//! What a run folder needs before its run goes on.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result};
use serde_json::json;

use super::folder::RunFolder;
use crate::{atomic, event_log};

/// What was found when a run goes on.
#[derive(Debug, Default)]
pub struct Mended {
    /// The metric that chooses the best checkpoint, if there is one.
    pub best_metric: Option<String>,
    /// What was done, for people.
    pub notes: Vec<String>,
}

impl RunFolder {
    /// Removes what killed writes have left in the folder. Only the process that trains this run may call it.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn sweep(&self) -> Result<()> {
        for folder in ["", "samples"] {
            atomic::sweep(&self.path.join(folder), |_| false)?;
        }
        Ok(atomic::sweep(&self.path.join("checkpoints"), |name| name.starts_with("step-"))?)
    }

    /// Prepares the folder for going on from a step: removes what kills left, makes missing folders, moves damaged
    /// checkpoints of later steps out of the way, and chooses the best checkpoint again if that is needed. Only the
    /// process that trains this run may call it.
    ///
    /// # Errors
    /// If the folder cannot be changed.
    pub fn mend(&self, step: u64, best_metric: Option<&str>) -> Result<Mended> {
        self.sweep()?;
        for name in Self::FOLDERS {
            let folder = self.path.join(name);
            fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        let mut notes = Vec::new();
        for damaged in self.checkpoint_steps()?.into_iter().filter(|later| *later > step && !self.is_whole(*later)) {
            let (name, aside) = (Self::checkpoint_name(damaged), self.set_aside(damaged)?);
            notes.push(format!("{name} is damaged; it is now {}", aside.display()));
        }
        Ok(Mended { best_metric: self.best_again(best_metric)?, notes })
    }

    /// Completes a run whose last checkpoint is that of its last step. A kill may have come between them and the rest.
    /// Returns what was done, for people.
    ///
    /// # Errors
    /// If the folder cannot be changed.
    pub fn finish(&self, step: u64, best_metric: Option<&str>) -> Result<Vec<String>> {
        let mended = self.mend(step, best_metric)?;
        if !self.is_finished()? {
            let line = json!({ "event": "finished", "step": step });
            let path = self.events_path();
            writeln!(event_log::open(&path)?, "{line}").with_context(|| path.display().to_string())?;
        }
        Ok(mended.notes)
    }
}
