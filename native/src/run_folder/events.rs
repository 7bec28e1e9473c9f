//! What a run folder's events say about its checkpoints.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use serde_json::Value;

use super::best::Schedule;
use super::folder::RunFolder;
use crate::regular_file;

/// What the events of earlier sessions say about the best checkpoint.
#[derive(Debug, Default)]
pub struct Past {
    /// The metric that chose it.
    pub metric: Option<String>,
    /// The evaluations of steps that were due to be saved.
    pub evaluations: BTreeMap<u64, Value>,
}

impl RunFolder {
    /// The events of earlier sessions; none if there is no file yet. Lines that are not JSON are left out.
    fn past_events(&self) -> Result<Vec<Value>> {
        let path = self.events_path();
        let bytes = match regular_file::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            bytes => bytes.with_context(|| path.display().to_string())?,
        };
        Ok(bytes.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// The last step that the events call saved.
    pub(super) fn last_saved(&self) -> Result<Option<u64>> {
        let events = self.past_events()?;
        let saved = events.iter().filter(|event| event["event"] == "checkpoint");
        Ok(saved.filter_map(|event| event["step"].as_u64()).last())
    }

    /// What the events say about the best checkpoint.
    pub(super) fn past(&self) -> Result<Past> {
        let mut past = Past::default();
        let mut schedule = None;
        for event in self.past_events()? {
            match event["event"].as_str() {
                Some("started") => {
                    schedule = Schedule::of_started(&event);
                    past.metric = event["best"].as_str().map(str::to_owned).or(past.metric);
                }
                Some("evaluated") => {
                    let step =
                        event["step"].as_u64().filter(|step| schedule.is_some_and(|due: Schedule| due.saves(*step)));
                    past.evaluations.extend(step.map(|step| (step, event)));
                }
                _ => {}
            }
        }
        Ok(past)
    }
}
