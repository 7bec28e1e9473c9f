//! The results in Markdown, for a terminal or a document.

use super::results::Results;
use super::tables;
use crate::table;

/// The tables, with what their numbers mean.
pub fn render(results: &Results) -> String {
    let study = results.study;
    let mut parts = vec![format!("# {}\n", study.name)];
    if !study.about.is_empty() {
        parts.push(format!("{}\n", study.about.trim()));
    }
    parts.push(table::markdown(&tables::settings(results)));
    parts.push(format!("{}\n", about_means(results)));
    let differences = tables::differences(results);
    if !differences.is_empty() {
        parts.push(format!("## Differences to {}\n", study.settings[0].name));
        parts.push(table::markdown(&differences));
        parts.push(format!("{ABOUT_DIFFERENCES}\n"));
    }
    parts.push("## Runs\n".to_owned());
    parts.push(table::markdown(&tables::runs(results)));
    parts.join("\n").trim_end().to_owned() + "\n"
}

/// What the first table shows.
pub fn about_means(results: &Results) -> String {
    let seeds = results.study.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let judged = results.judge.map(|judge| format!(" {}", judge.about())).unwrap_or_default();
    format!("Mean ± sample standard deviation of the finished runs at their last evaluation; seeds {seeds}.{judged}")
}

/// What the second table shows.
pub const ABOUT_DIFFERENCES: &str =
    "Mean of the differences between runs of the same seed, with its 95 % confidence interval (Student’s t).";
