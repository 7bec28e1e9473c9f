//! Whether a run computes the metric of `--best`.

use std::collections::BTreeMap;

use anyhow::Result;
use slgan::config::Config;
use slgan::metrics::NEIGHBOURS;
use slgan::train::judge::CLASSES_MAX;
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
        Some(metric) if metric.needs_judge() && !config.report.judge && !judge_cache::has_any() => no_judge(),
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
        (Some(metric), Some(obstacle)) if metric.needs_judge() => {
            refuse(&format!("a judge, but there can be none: {obstacle}"))
        }
        (Some(metric), None) if metric.needs_judge() => check_generated(metric, task),
        (Some(_), _) if !has_truth => refuse("held-out images with labels, but the data have none"),
        (Some(BestMetric::Accuracy | BestMetric::GatePrecision), _) if task.subject.cells.is_none() => {
            refuse("manual labels, but none are used; choose --best clustering_accuracy, nmi or ari, or set --labels")
        }
        (Some(_), _) => Ok(()),
    }
}

/// Checks what a metric of generated images needs besides a judge.
fn check_generated(metric: BestMetric, task: &Task) -> Result<()> {
    let fewest = match metric {
        BestMetric::FrechetJudge => return Ok(()),
        BestMetric::ClassFrechet => 2,
        BestMetric::ClassCoverage | BestMetric::ClassRecall => NEIGHBOURS + 1,
        _ => 0,
    };
    let Some(cells) = task.subject.cells else {
        return refuse("manual labels, but none are used; choose --best frechet_judge, or set --labels");
    };
    if fewest > 0 && cells.classes > CLASSES_MAX {
        return refuse(&format!("at most {CLASSES_MAX} classes, and the data have {}", cells.classes));
    }
    let largest = largest_class(task);
    if largest < fewest {
        return refuse(&format!("a class with at least {fewest} held-out images, and the largest has {largest}"));
    }
    Ok(())
}

/// The number of held-out images of the class that has most.
fn largest_class(task: &Task) -> usize {
    let mut counts = BTreeMap::new();
    task.data.test.labels.iter().flatten().for_each(|class| *counts.entry(class).or_default() += 1);
    counts.into_values().max().unwrap_or(0)
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
