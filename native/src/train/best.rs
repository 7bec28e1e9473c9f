//! Whether a run computes the metric of `--best`.

use anyhow::Result;
use slgan::config::Config;
use slgan::train::task::Task;

use crate::cli::BestMetric;
use crate::failure::Usage;
use crate::judge_cache;

/// Checks what the configuration alone decides.
///
/// # Errors
/// If the run never computes the metric.
pub fn check_config(best: Option<BestMetric>, config: &Config) -> Result<()> {
    match best {
        Some(_) if config.report.evaluate_every == 0 => refuse("evaluations, but report.evaluate_every is 0"),
        Some(BestMetric::FrechetJudge) if !config.report.judge && !judge_cache::has_any() => no_judge(),
        _ => Ok(()),
    }
}

/// Checks what the data decide.
///
/// # Errors
/// If the run never computes the metric.
pub fn check_data(best: Option<BestMetric>, task: &Task) -> Result<()> {
    let has_truth = task.data.test.labels.iter().any(Option::is_some);
    match (best, judge_cache::obstacle(task)) {
        (None, _) => Ok(()),
        (Some(BestMetric::FrechetJudge), Some(obstacle)) => {
            refuse(&format!("a judge, but there can be none: {obstacle}"))
        }
        (Some(BestMetric::FrechetJudge), None) => Ok(()),
        (Some(_), _) if !has_truth => refuse("held-out images with labels, but the data have none"),
        (Some(BestMetric::Accuracy | BestMetric::GatePrecision), _) if task.subject.cells.is_none() => {
            refuse("manual labels, but none are used; choose --best clustering_accuracy, nmi or ari, or set --labels")
        }
        (Some(_), _) => Ok(()),
    }
}

/// Refuses a metric of the judge in a run without one.
///
/// # Errors
/// Always.
pub fn no_judge() -> Result<()> {
    refuse("a judge: add --judge")
}

fn refuse(what: &str) -> Result<()> {
    Err(Usage::new(format!("--best needs {what}")).into())
}
