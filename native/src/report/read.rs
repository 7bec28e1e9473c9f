//! Reads a run folder.
//!
//! It ignores unknown events and fields of `events.jsonl`, and reads missing fields as none, so that runs of other
//! versions open. A corrupt line in the middle is an error, because the curves would silently be wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::history::{Evaluation, RunHistory, SampleGrid, Started, StepRow, Warning};
use super::thin::evenly;

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

/// Reads a run folder. A missing `config.toml` or picture leaves a gap.
///
/// # Errors
/// If `events.jsonl` cannot be read, or one of its lines is corrupt; the last line may be incomplete.
pub fn read(run: &Path) -> Result<RunHistory> {
    let events = run.join("events.jsonl");
    let bytes = fs::read(&events).with_context(|| format!("cannot read {}", events.display()))?;
    let (mut history, grids) = parse(&bytes).with_context(|| format!("cannot use {}", events.display()))?;
    history.samples = read_grids(run, &grids);
    history.config_toml = fs::read_to_string(run.join("config.toml")).unwrap_or_default();
    let folder = run.canonicalize().unwrap_or_else(|_| run.to_owned());
    history.name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(history)
}

/// Where a sample grid is, and the labels of its rows if they are a choice.
struct Grid {
    path: String,
    labels: Vec<usize>,
}

/// The history from all lines, and the sample grids by step.
fn parse(bytes: &[u8]) -> Result<(RunHistory, BTreeMap<u64, Grid>)> {
    let mut history = RunHistory::default();
    let mut grids = BTreeMap::new();
    let mut session_seconds = 0.0;
    let mut lines = bytes.split(|&byte| byte == b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let line = match serde_json::from_slice(line) {
            Ok(line) => line,
            Err(_) if lines.peek().is_none() => break,
            Err(error) => bail!("line {} is corrupt: {error}", index + 1),
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
    Ok((history, grids))
}

fn read_grids(run: &Path, grids: &BTreeMap<u64, Grid>) -> Vec<SampleGrid> {
    let is_present = |grid: &Grid| is_inside(&grid.path) && run.join(&grid.path).is_file();
    let present: Vec<_> = grids.iter().filter(|(_, grid)| is_present(grid)).collect();
    evenly(&present, GRIDS_MAX).filter_map(|&(&step, grid)| read_grid(step, grid, run)).collect()
}

/// Whether a path stays in the run folder, so that a forged run cannot put other files into the report.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// A grid, or none if its file does not start with a PNG header.
fn read_grid(step: u64, Grid { path, labels }: &Grid, run: &Path) -> Option<SampleGrid> {
    let png = fs::read(run.join(path)).ok()?;
    let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
    let (width, rest) = header.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    let labels = labels.clone();
    Some(SampleGrid { step, labels, width: u32::from_be_bytes(*width), height: u32::from_be_bytes(*height), png })
}
