//! Reads a run folder.
//!
//! It ignores unknown events and fields of `events.jsonl`, and reads missing fields as none, so that runs of other
//! versions open. It leaves out damaged lines and names them, because the curves would silently be wrong.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::history::{Damage, Evaluation, LeftOut, RunHistory, Started, StepRow, Warning};
use super::pictures;
use super::thin::evenly;
use crate::{event_log, regular_file};

/// The file of the events.
pub const EVENTS: &str = "events.jsonl";

/// Largest number of sample grids: enough to see the run develop, few enough to mail.
const GRIDS_MAX: usize = 24;

/// A line of `events.jsonl`.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line {
    Started(Started),
    Step {
        step: u64,
        seconds: Option<f64>,
        #[serde(flatten)]
        row: StepRow,
    },
    Evaluated {
        step: u64,
        #[serde(flatten)]
        evaluation: Evaluation,
    },
    Samples {
        step: u64,
        path: String,
        #[serde(default)]
        labels: Vec<usize>,
    },
    Warning {
        step: u64,
        kind: String,
        #[serde(flatten)]
        warning: Warning,
    },
    Finished {
        seconds: Option<f64>,
    },
    #[serde(other)]
    Other,
}

/// Reads a run folder. A missing `config.toml` or picture and a damaged event leave a gap.
///
/// # Errors
/// If `events.jsonl` cannot be read.
pub fn read(run: &Path) -> Result<RunHistory> {
    let (mut history, grids) = read_events(run)?;
    add_grids(&mut history, run, grids);
    let config = regular_file::read(&run.join("config.toml")).unwrap_or_default();
    history.config_toml = String::from_utf8(config).unwrap_or_default();
    let folder = run.canonicalize().unwrap_or_else(|_| run.to_owned());
    history.name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(history)
}

/// The damaged events of a run.
///
/// # Errors
/// As [`read`].
pub fn damage(run: &Path) -> Result<Vec<Damage>> {
    Ok(read_events(run)?.0.damage)
}

/// A sample grid that an event names.
struct Grid {
    path: String,
    /// The labels of its rows, if they are a choice; else empty.
    labels: Vec<usize>,
}

fn read_events(run: &Path) -> Result<(RunHistory, BTreeMap<u64, Grid>)> {
    let events = run.join(EVENTS);
    let lines = event_log::read(&events).with_context(|| format!("cannot read {}", events.display()))?;
    Ok(parse(lines))
}

/// The history from all lines that can be read, and the sample grids, by step.
fn parse(lines: Vec<(usize, Result<String, String>)>) -> (RunHistory, BTreeMap<u64, Grid>) {
    let mut history = RunHistory::default();
    let mut grids = BTreeMap::new();
    let mut session_seconds = 0.0;
    for (number, text) in lines {
        let line = match text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())) {
            Ok(line) => line,
            Err(why) => {
                history.damage.push(Damage { line: number, why });
                continue;
            }
        };
        match line {
            Line::Started(started) => {
                history.started = Some(started);
                history.finished = false;
                history.seconds += std::mem::take(&mut session_seconds);
            }
            Line::Step { step, seconds, row } => {
                history.steps.insert(step, row);
                session_seconds = seconds.unwrap_or(session_seconds);
            }
            Line::Evaluated { step, evaluation } => {
                history.evaluations.insert(step, evaluation);
            }
            Line::Samples { step, path, labels } => {
                grids.insert(step, Grid { path, labels });
            }
            Line::Warning { step, kind, warning } => {
                history.warnings.insert((step, kind), warning);
            }
            Line::Finished { seconds } => {
                history.finished = true;
                session_seconds = seconds.unwrap_or(session_seconds);
            }
            Line::Other => {}
        }
    }
    history.seconds += session_seconds;
    (history, grids)
}

/// Puts a choice of the sample grids into the history, and those that cannot be shown.
fn add_grids(history: &mut RunHistory, run: &Path, grids: BTreeMap<u64, Grid>) {
    let mut present = Vec::new();
    for (step, grid) in grids {
        match pictures::find(run, &grid.path) {
            Ok(file) => present.push((step, grid, file)),
            Err(why) => history.left_out.push(LeftOut { step, path: grid.path, why }),
        }
    }
    for (step, Grid { path, labels }, file) in evenly(&present, GRIDS_MAX) {
        match pictures::read(*step, labels, file) {
            Ok(grid) => history.samples.push(grid),
            Err(why) => history.left_out.push(LeftOut { step: *step, path: path.clone(), why }),
        }
    }
}
