//! What a run folder's events say about its checkpoints.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use serde_json::Value;

use super::best::Schedule;
use super::folder::RunFolder;
use crate::event_log;

/// What the events of earlier sessions say about the best checkpoint.
#[derive(Debug, Default)]
pub struct Past {
    /// The metric that chose it.
    pub metric: Option<String>,
    /// The evaluations of steps that were due to be saved, as they stand in the file.
    pub evaluations: BTreeMap<u64, String>,
}

impl RunFolder {
    /// The events of earlier sessions with their lines; none if there is no file yet. Damaged lines are left out:
    /// [`RunFolder::resume`] has refused them.
    fn past_events(&self) -> Result<Vec<(Value, String)>> {
        let path = self.events_path();
        let lines = match event_log::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            lines => lines.with_context(|| path.display().to_string())?,
        };
        let texts = lines.into_iter().filter_map(|(_, text)| text.ok());
        Ok(texts.filter_map(|text| Some((serde_json::from_str(&text).ok()?, text))).collect())
    }

    /// The highest step that the events name.
    pub(super) fn last_step_of_events(&self) -> Result<Option<u64>> {
        Ok(self.past_events()?.iter().filter_map(|(event, _)| event["step"].as_u64()).max())
    }

    /// The last step that the events call saved.
    pub(super) fn last_saved(&self) -> Result<Option<u64>> {
        let events = self.past_events()?;
        let saved = events.iter().filter(|(event, _)| event["event"] == "checkpoint");
        Ok(saved.filter_map(|(event, _)| event["step"].as_u64()).next_back())
    }

    /// Whether the last session says that it did the last step.
    pub(super) fn is_finished(&self) -> Result<bool> {
        Ok(self.past_events()?.last().is_some_and(|(event, _)| event["event"] == "finished"))
    }

    /// What the events say about the best checkpoint.
    pub(super) fn past(&self) -> Result<Past> {
        let mut past = Past::default();
        let mut schedule: Option<Schedule> = None;
        for (event, line) in self.past_events()? {
            match event["event"].as_str() {
                Some("started") => {
                    schedule = Schedule::of_started(&event);
                    past.metric = event["best"].as_str().map(str::to_owned).or(past.metric);
                }
                Some("evaluated") => {
                    let is_due = |step: &u64| schedule.is_some_and(|schedule| schedule.saves(*step));
                    past.evaluations.extend(event["step"].as_u64().filter(is_due).map(|step| (step, line)));
                }
                _ => {}
            }
        }
        Ok(past)
    }
}
