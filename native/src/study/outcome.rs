//! What has come of a run, from its folder and log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::fs;

use anyhow::{Context, Error, Result};
use slgan::config::{Config, Layer, entries, parse_file};
use slgan::eval::Scores;

use super::file::Setting;
use super::judged::JudgeFile;
use super::run::Run;
use crate::failure::{Usage, usage};
use crate::report::{self, Evaluation, RunHistory, SampleGrid, thousands};
use crate::train::{LEFT_TO_DATA, differences};

/// The kind of the warning before the end of a run whose loss is not finite.
const DIVERGED: &str = "loss-not-finite";

/// What has come of a run.
pub struct Outcome {
    /// How far it is.
    pub state: State,
    /// Its last step.
    pub step: u64,
    /// Its evaluations on held-out images, by step.
    pub evaluations: BTreeMap<u64, Evaluation>,
    /// Seconds of training, over all sessions.
    pub seconds: f64,
    /// Its last sample grid.
    pub grid: Option<SampleGrid>,
    /// What the study's judge says of its last checkpoint.
    pub judged: Option<Scores>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has not begun.
    Absent,
    /// It can go on from about this step.
    Unfinished(u64),
    /// It has reached its last step.
    Finished,
    /// A loss is not finite.
    Diverged(String),
    /// It failed, for this reason.
    Failed(String),
}

impl Outcome {
    /// What has come of a run of a setting, and what the judge says of it, if there is one.
    ///
    /// # Errors
    /// If its folder holds another run, or cannot be read.
    pub fn read(run: &Run, setting: &Setting, judge: Option<&JudgeFile>) -> Result<Self> {
        let failed = run.error().map(State::Failed);
        if !run.folder.config_path().is_file() {
            return Ok(Self::without_events(failed.unwrap_or(State::Absent)));
        }
        let last_asked = check_config(run, setting)?;
        if !run.folder.events_path().is_file() {
            return Ok(Self::without_events(failed.unwrap_or(State::Unfinished(0))));
        }
        if let Err(error) = report::check(&run.folder.path) {
            return Ok(Self::without_events(State::Failed(format!("{error:#}"))));
        }
        let mut history = report::read(&run.folder.path)?;
        let (step, steps) = (history.last_step(), setting.config.steps);
        if step > steps {
            return Err(another_run(run, setting, "steps"));
        }
        let state = match failed {
            _ if history.finished && last_asked == steps => State::Finished,
            Some(State::Failed(why)) if has_diverged(&history) => State::Diverged(why),
            failed => failed.unwrap_or(State::Unfinished(step)),
        };
        let grid = history.samples.pop();
        let judged = judge.map(|judge| judge.scores(run, step)).transpose()?.flatten();
        Ok(Self { state, step, evaluations: history.evaluations, seconds: history.seconds, grid, judged })
    }

    fn without_events(state: State) -> Self {
        Self { state, step: 0, evaluations: BTreeMap::new(), seconds: 0.0, grid: None, judged: None }
    }

    /// Whether the run has reached its last step; only then its figures count.
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }
}

fn has_diverged(history: &RunHistory) -> bool {
    history.warnings.keys().any(|(_, kind)| kind == DIVERGED)
}

/// Checks that a folder holds this run, and returns the steps that it was last asked for.
fn check_config(run: &Run, setting: &Setting) -> Result<u64> {
    let path = run.folder.config_path();
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let layer = parse_file(path.display().to_string(), &text).map_err(usage)?;
    let saved = Config::from_layers(&[Layer::of_older_versions(), layer]).map_err(usage)?;
    let asked = as_resolved(Config { seed: run.seed, ..setting.config.clone() }, &saved);
    let open = left_to_data(&asked);
    let mut keys = differences(&saved, &asked);
    keys.retain(|key| !open.contains(key));
    if keys.is_empty() { Ok(saved.steps) } else { Err(another_run(run, setting, &keys.join(", "))) }
}

/// A configuration with the source of labels that it has on the data of a run.
fn as_resolved(config: Config, run: &Config) -> Config {
    let finds_all = Config { label_budget: run.label_budget, ..config.clone() }.finds_all_labels();
    Config { label_table: config.label_table.clone().resolved(finds_all), ..config }
}

fn another_run(run: &Run, setting: &Setting, keys: &str) -> Error {
    Error::new(Usage::new(format!(
        "{}: expected the run of setting `{}` with seed {}, found one that differs in {keys}; move it away, or choose \
         another folder with --out",
        run.folder.path.display(),
        setting.name,
        run.seed
    )))
}

/// The keys that a configuration leaves to the data: those whose values are the defaults.
fn left_to_data(config: &Config) -> BTreeSet<String> {
    let defaults = entries(&Config::for_preset(config.preset));
    let pairs = entries(config).into_iter().zip(defaults);
    let open = pairs.filter(|((key, value), (_, default))| LEFT_TO_DATA.contains(&key.as_str()) && value == default);
    open.map(|((key, _), _)| key).collect()
}

impl Display for State {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => write!(formatter, "not begun"),
            Self::Unfinished(step) => write!(formatter, "stopped at step {}", thousands(*step)),
            Self::Finished => write!(formatter, "finished"),
            Self::Diverged(why) => write!(formatter, "diverged: {why}"),
            Self::Failed(why) => write!(formatter, "failed: {why}"),
        }
    }
}
