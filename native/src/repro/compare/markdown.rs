//! A comparison in Markdown, for a document.

use slgan::repro::compare::Comparison;

use super::overview;
use crate::table;

/// Both tables, with what their numbers mean.
pub fn render(comparison: &Comparison) -> String {
    let reference = comparison.reports.first().map(|report| report.name.as_str()).unwrap_or_default();
    format!(
        "Suite `{}`. Every report is compared with `{reference}`.\n\n{}\nA percentage is the largest distance as a share \
         of what rounding explains.\n\n{}",
        comparison.suite,
        table::markdown(&overview::reports(comparison)),
        table::markdown(&overview::items(comparison)).trim_end()
    )
}
