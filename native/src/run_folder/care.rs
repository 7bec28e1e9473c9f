//! What a run folder needs before its run goes on.

use std::fs;

use anyhow::{Context, Result};

use super::folder::RunFolder;
use crate::atomic;
use crate::event_log::EventLog;

/// What was found when a run goes on.
#[derive(Debug, Default)]
pub struct Mended {
    /// The metric that chooses the best checkpoint, if there is one.
    pub best_metric: Option<String>,
    /// What is damaged or missing, and what was done about it, for people.
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
        notes.extend(self.missing_events(step)?);
        Ok(Mended { best_metric: self.best_again(best_metric)?, notes })
    }

    /// A note if the events end before a step, as in a folder that was copied in half. What was saved at this step was
    /// logged before.
    fn missing_events(&self, step: u64) -> Result<Option<String>> {
        let last = self.last_step_of_events()?.unwrap_or(0);
        let note = format!(
            "{} ends at step {last}, before the checkpoint of step {step}; the report lacks the figures between",
            self.events_path().display()
        );
        Ok((last < step).then_some(note))
    }

    /// Completes a run whose last checkpoint is that of its last step. A kill may have come between them and the rest.
    /// Returns the notes of [`Mended`].
    ///
    /// # Errors
    /// If the folder cannot be changed.
    pub fn finish(&self, step: u64, best_metric: Option<&str>) -> Result<Vec<String>> {
        let mended = self.mend(step, best_metric)?;
        if !self.is_finished()? {
            EventLog::open(&self.events_path())?.append(&format!("{{\"event\":\"finished\",\"step\":{step}"))?;
        }
        Ok(mended.notes)
    }
}
