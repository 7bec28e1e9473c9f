//! The best checkpoint.
//!
//! An interrupted run chooses the same one as an uninterrupted run. So only checkpoints that are due by the
//! configuration are compared, not those of an interruption; and what a kill prevented is made up for when the run goes
//! on.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slgan::config::Config;
use slgan::train::chain::Chain;

use super::folder::RunFolder;
use super::numbers;
use crate::{atomic, regular_file};

/// The metrics that are distances. All others are shares, or the like, and higher is better.
const LOWER_IS_BETTER: [&str; 2] = ["frechet_judge", "class_frechet"];

/// The best checkpoint by one metric, in `best.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl Best {
    /// The checkpoint of a step, with its value of a metric.
    pub fn new(metric: &str, value: f64, step: u64) -> Self {
        Self { metric: metric.to_owned(), value, step, used_all_labels: true }
    }

    /// Whether it replaces an earlier one.
    pub fn replaces(&self, earlier: &Self) -> bool {
        let lower_is_better = LOWER_IS_BETTER.contains(&self.metric.as_str());
        let is_better = if lower_is_better { self.value < earlier.value } else { self.value > earlier.value };
        self.metric != earlier.metric || is_better
    }
}

/// Which steps a run saves by its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    steps: u64,
    every: u64,
}

impl Schedule {
    /// The schedule of a configuration.
    pub fn of(config: &Config) -> Self {
        Self { steps: config.steps, every: config.report.checkpoint_every }
    }

    /// The schedule of a `started` event.
    pub(super) fn of_started(event: &Value) -> Option<Self> {
        let number = |pointer| event.pointer(pointer).and_then(Value::as_u64);
        Some(Self { steps: number("/config/steps")?, every: number("/config/report/checkpoint_every")? })
    }

    /// Whether a step is saved.
    pub fn saves(self, step: u64) -> bool {
        step == self.steps || (self.every > 0 && step.is_multiple_of(self.every))
    }
}

impl RunFolder {
    /// The best checkpoint so far, if `best.json` exists.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged.
    pub fn best(&self) -> Result<Option<Best>> {
        let path = self.best_path();
        let bytes = match regular_file::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes.with_context(|| path.display().to_string())?,
        };
        parse(&bytes)
            .map(Some)
            .with_context(|| format!("{}: damaged; train --resume --best METRIC chooses again", path.display()))
    }

    /// Records a checkpoint as the best if it is better than the present one.
    ///
    /// # Errors
    /// If `best.json` cannot be written.
    pub fn offer_best(&self, offered: &Best) -> Result<()> {
        if self.improves(offered) { self.set_best(offered) } else { Ok(()) }
    }

    /// Makes the best checkpoint what it would be without interruptions, and returns its metric: the one that is asked
    /// for, or else that of earlier sessions. A `best.json` that cannot be used is moved out of the way.
    ///
    /// # Errors
    /// If the events cannot be read, or `best.json` cannot be written.
    pub(super) fn best_again(&self, asked: Option<&str>) -> Result<Option<String>> {
        let past = self.past()?;
        let recorded = self.best().ok().flatten();
        let known = recorded.as_ref().map(|best| best.metric.clone());
        let steps = self.checkpoint_steps()?;
        let usable = |best: &Best| steps.contains(&best.step) && self.is_whole(best.step);
        let recorded = recorded.filter(usable);
        if recorded.is_none() {
            self.set_best_aside()?;
        }
        let Some(metric) = asked.map(str::to_owned).or(past.metric).or(known) else { return Ok(None) };
        let begin = recorded.filter(|best| best.metric == metric).map_or(0, |best| best.step + 1);
        for (step, line) in past.evaluations.range(begin..) {
            let offered = numbers::exact(line, &metric).map(|value| Best::new(&metric, value, *step));
            if let Some(best) = offered.filter(|offered| self.improves(offered) && usable(offered)) {
                self.set_best(&best)?;
            }
        }
        Ok(Some(metric))
    }

    /// Whether a checkpoint is better than the one in `best.json`.
    fn improves(&self, offered: &Best) -> bool {
        self.best().ok().flatten().is_none_or(|best| offered.replaces(&best))
    }

    fn set_best(&self, best: &Best) -> Result<()> {
        Ok(atomic::write_file(&self.best_path(), sealed(best)?.as_bytes())?)
    }

    fn set_best_aside(&self) -> Result<()> {
        let path = self.best_path();
        match fs::rename(&path, self.path.join("damaged-best.json")) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).with_context(|| path.display().to_string()),
            _ => Ok(()),
        }
    }
}

/// The text of `best.json`: one line with a seal, as in the events.
fn sealed(best: &Best) -> Result<String> {
    let mut line = serde_json::to_string(best)?;
    line.pop();
    Ok(Chain::default().close(&line) + "\n")
}

/// Reads what [`sealed`] wrote, or what an older version wrote without a seal.
fn parse(text: &[u8]) -> Result<Best> {
    Chain::default().check(text.trim_ascii_end())?;
    let mut fields: Map<String, Value> = serde_json::from_slice(text)?;
    fields.remove("seal");
    Ok(serde_json::from_value(fields.into())?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_due_steps_are_compared() {
        let schedule = Schedule { steps: 45, every: 20 };
        assert_eq!((0..=60).filter(|&step| schedule.saves(step)).collect::<Vec<_>>(), [0, 20, 40, 45, 60]);
        let started = json!({ "config": { "steps": 45, "report": { "checkpoint_every": 20 } } });
        assert_eq!(Schedule::of_started(&started), Some(schedule));
        assert!(!Schedule { steps: 45, every: 0 }.saves(20));
    }

    #[test]
    fn a_changed_bit_of_the_file_is_found() {
        let best = Best::new("nmi", 0.625, 40);
        let text = sealed(&best).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), best);
        assert_eq!(parse(&serde_json::to_vec_pretty(&best).unwrap()).unwrap(), best, "of an older version");
        for place in 0..8 * text.trim_end().len() {
            let mut changed = text.clone().into_bytes();
            changed[place / 8] ^= 1 << (place % 8);
            assert!(parse(&changed).is_err(), "bit {place}: {}", String::from_utf8_lossy(&changed));
        }
    }

    #[test]
    fn the_first_of_equal_checkpoints_is_the_best() {
        let at = |metric, step, value| Best::new(metric, value, step);
        assert!(at("nmi", 2, 0.5).replaces(&at("nmi", 1, 0.4)) && !at("nmi", 2, 0.5).replaces(&at("nmi", 1, 0.5)));
        for distance in ["frechet_judge", "class_frechet"] {
            assert!(at(distance, 2, 3.0).replaces(&at(distance, 1, 4.0)));
            assert!(!at(distance, 2, 4.0).replaces(&at(distance, 1, 3.0)));
        }
        for share in ["generated_agreement", "class_coverage", "class_recall"] {
            assert!(at(share, 2, 0.5).replaces(&at(share, 1, 0.4)) && !at(share, 2, 0.4).replaces(&at(share, 1, 0.5)));
        }
        assert!(at("nmi", 2, 0.1).replaces(&at("ari", 1, 0.9)));
    }
}
