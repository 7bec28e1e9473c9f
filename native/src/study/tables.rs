//! The results as tables of text, for Markdown and for the page. The first row of each is its head.

use slgan::metrics::Estimate;

use super::metric::{Metric, SECONDS};
use super::outcome::{Outcome, State};
use super::results::{Results, difference, estimate};
use super::run::Run;

/// What stands where there is no figure.
const NONE: &str = "-";

/// Mean and deviation of every metric, by setting.
pub fn settings(results: &Results) -> Vec<Vec<String>> {
    let metrics = [results.metrics(), vec![&SECONDS]].concat();
    let mut rows = vec![head(&["setting", "runs"], &metrics)];
    for (setting, runs) in results.settings() {
        let figures = metrics.iter().map(|metric| mean(metric, estimate(metric, runs)));
        rows.push([setting.name.clone(), counts(runs)].into_iter().chain(figures).collect());
    }
    rows
}

/// The differences to the first setting, by setting; empty with one setting.
pub fn differences(results: &Results) -> Vec<Vec<String>> {
    let metrics = results.metrics();
    if results.study.settings.len() == 1 || metrics.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![head(&["setting"], &metrics)];
    for (setting, runs) in results.settings().skip(1) {
        let figures = metrics.iter().map(|metric| change(metric, difference(metric, results.control(), runs)));
        rows.push([setting.name.clone()].into_iter().chain(figures).collect());
    }
    rows
}

/// Every run.
pub fn runs(results: &Results) -> Vec<Vec<String>> {
    let metrics = [results.metrics(), vec![&SECONDS]].concat();
    let mut rows = vec![head(&["setting", "seed", "state"], &metrics)];
    for (setting, runs) in results.settings() {
        for (run, outcome) in runs {
            let figure = |metric: &&Metric| metric.of(outcome).map_or(NONE.to_owned(), |value| metric.text(value));
            let names = [setting.name.clone(), run.seed.to_string(), outcome.state.to_string()];
            rows.push(names.into_iter().chain(metrics.iter().map(figure)).collect());
        }
    }
    rows
}

fn head(names: &[&str], metrics: &[&Metric]) -> Vec<String> {
    let metrics = metrics.iter().map(|metric| metric.name.replace('_', " "));
    names.iter().map(|name| (*name).to_owned()).chain(metrics).collect()
}

/// How many runs are finished, and what became of the others.
fn counts(runs: &[(Run, Outcome)]) -> String {
    let count = |is_wanted: fn(&State) -> bool| runs.iter().filter(|(_, outcome)| is_wanted(&outcome.state)).count();
    let finished = count(|state| *state == State::Finished);
    let others = [
        (count(|state| matches!(state, State::Diverged(_))), "diverged"),
        (count(|state| matches!(state, State::Failed(_))), "failed"),
        (count(|state| matches!(state, State::Absent | State::Unfinished(_))), "not finished"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    format!("{finished}{}", others.collect::<String>())
}

fn mean(metric: &Metric, estimate: Option<Estimate>) -> String {
    let Some(Estimate { mean, deviation, .. }) = estimate else { return NONE.to_owned() };
    let deviation = deviation.map(|deviation| format!(" ± {}", metric.text(deviation)));
    metric.text(mean) + &deviation.unwrap_or_default()
}

fn change(metric: &Metric, estimate: Option<Estimate>) -> String {
    let Some(estimate) = estimate else { return NONE.to_owned() };
    let interval = estimate.interval().map(|[low, high]| format!(" [{}, {}]", metric.change(low), metric.change(high)));
    metric.change(estimate.mean) + &interval.unwrap_or_default()
}
