//! The results as CSV, with all digits.

use anyhow::Result;
use slgan::metrics::Estimate;

use super::metric::{METRICS, SECONDS};
use super::outcome::State;
use super::results::{Results, difference, estimate};

/// A line for each setting and metric: mean and deviation, and the paired differences to the first setting.
///
/// # Errors
/// Never: it writes to memory.
pub fn settings(results: &Results) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["setting", "metric", "runs", "mean", "deviation", "pairs", "difference", "low", "high"])?;
    for (index, (setting, runs)) in results.settings().enumerate() {
        for metric in METRICS.iter().chain([&SECONDS]) {
            let Some(own) = estimate(metric, runs) else { continue };
            let paired = (index > 0).then(|| difference(metric, results.control(), runs)).flatten();
            let [low, high] = paired.and_then(|paired| paired.interval()).map_or([None; 2], |ends| ends.map(Some));
            let names = [setting.name.clone(), metric.name.to_owned()];
            let mean = [own.count.to_string(), own.mean.to_string(), text(own.deviation)];
            let pairs = paired.map_or(0, |Estimate { count, .. }| count).to_string();
            let change = [pairs, text(paired.map(|paired| paired.mean)), text(low), text(high)];
            writer.write_record(names.into_iter().chain(mean).chain(change))?;
        }
    }
    Ok(writer.into_inner()?)
}

/// A line for each run.
///
/// # Errors
/// Never: it writes to memory.
pub fn runs(results: &Results) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let metrics = || METRICS.iter().chain([&SECONDS]);
    writer.write_record(
        ["setting", "seed", "state", "why", "step"].into_iter().chain(metrics().map(|metric| metric.name)),
    )?;
    for (setting, runs) in results.settings() {
        for (run, outcome) in runs {
            let (state, why) = match &outcome.state {
                State::Absent => ("absent", ""),
                State::Unfinished(_) => ("unfinished", ""),
                State::Finished => ("finished", ""),
                State::Diverged(why) => ("diverged", why.as_str()),
                State::Failed(why) => ("failed", why.as_str()),
            };
            let names =
                [&setting.name, &run.seed.to_string(), state, why, &outcome.step.to_string()].map(str::to_owned);
            writer.write_record(names.into_iter().chain(metrics().map(|metric| text(metric.of(outcome)))))?;
        }
    }
    Ok(writer.into_inner()?)
}

/// A number with all its digits; nothing if there is none.
fn text(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
