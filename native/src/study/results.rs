//! What the runs of a study say about its settings.

use anyhow::Result;
use slgan::metrics::Estimate;

use super::file::{Setting, Study};
use super::judged::JudgeFile;
use super::metric::{METRICS, Metric};
use super::outcome::Outcome;
use super::run::Run;

/// A study, its runs, and what has come of them.
pub struct Results<'a> {
    /// The study.
    pub study: &'a Study,
    /// What measured its finished runs, besides themselves.
    pub judge: Option<&'a JudgeFile>,
    /// The runs: the seeds of the first setting, then those of the next.
    pub runs: Vec<(Run, Outcome)>,
}

impl<'a> Results<'a> {
    /// Reads what has come of all runs.
    ///
    /// # Errors
    /// If a folder holds another run, or cannot be read.
    pub fn read(study: &'a Study, judge: Option<&'a JudgeFile>, runs: Vec<Run>) -> Result<Self> {
        let with_outcome = |run: Run| {
            let outcome = Outcome::read(&run, &study.settings[run.setting], judge)?;
            Ok((run, outcome))
        };
        Ok(Self { study, judge, runs: runs.into_iter().map(with_outcome).collect::<Result<_>>()? })
    }

    /// What has come of all runs.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.runs.iter().map(|(_, outcome)| outcome)
    }

    /// Each setting with its runs, by seed.
    pub fn settings(&self) -> impl Iterator<Item = (&'a Setting, &[(Run, Outcome)])> {
        self.study.settings.iter().zip(self.runs.chunks(self.study.seeds.len()))
    }

    /// The runs of the first setting, with which the others are compared.
    pub fn control(&self) -> &[(Run, Outcome)] {
        &self.runs[..self.study.seeds.len()]
    }

    /// The metrics that a finished run has measured.
    pub fn metrics(&self) -> Vec<&'static Metric> {
        METRICS.iter().filter(|metric| self.outcomes().any(|outcome| metric.of(outcome).is_some())).collect()
    }
}

/// A metric of finished runs: its mean and deviation.
pub fn estimate(metric: &Metric, runs: &[(Run, Outcome)]) -> Option<Estimate> {
    Estimate::of(&values(metric, runs).into_iter().flatten().collect::<Vec<_>>())
}

/// The differences of a metric between runs of the same seeds.
pub fn difference(metric: &Metric, control: &[(Run, Outcome)], runs: &[(Run, Outcome)]) -> Option<Estimate> {
    Estimate::of_differences(&values(metric, control), &values(metric, runs))
}

/// The values of runs, by seed.
fn values(metric: &Metric, runs: &[(Run, Outcome)]) -> Vec<Option<f64>> {
    runs.iter().map(|(_, outcome)| metric.of(outcome)).collect()
}
