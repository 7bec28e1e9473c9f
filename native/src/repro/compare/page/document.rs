//! The whole page.

use slgan::repro::compare::{Comparison, NamedReport, Pair, Verdict};

use super::{curves, pictures, sections};
use crate::report::{escape, page};
use crate::repro::compare::overview;

const OWN_STYLE: &str = include_str!("page.css");

/// The page of a comparison of these reports.
pub fn render(comparison: &Comparison, reports: &[NamedReport]) -> String {
    let title = title(comparison);
    let table = if comparison.pairs.len() > 1 {
        format!("<section><h2>All reports</h2>\n{}</section>\n", sections::table(&overview::reports(comparison)))
    } else {
        String::new()
    };
    let others = reports.iter().skip(1);
    let pairs = comparison.pairs.iter().zip(others).map(|(pair, other)| of_pair(pair, &reports[0], other));
    let content = format!(
        "<p class=\"kicker\">Reproducibility, suite {suite}</p>\n<h1>{title}</h1>\n{table}{pairs}{rows}",
        suite = escape(&comparison.suite),
        pairs = pairs.collect::<String>(),
        rows = every_row(comparison),
    );
    page(&format!("{title} · slgan repro compare"), OWN_STYLE, &content, "")
}

/// The verdict in a few words.
fn title(comparison: &Comparison) -> &'static str {
    let worst = comparison.pairs.iter().map(|pair| pair.verdict).max().unwrap_or(Verdict::Identical);
    match worst {
        Verdict::Identical | Verdict::Absent => "The same, bit for bit",
        Verdict::Within | Verdict::Excused => "The same, but for rounding",
        Verdict::Outside => "Not the same",
    }
}

fn of_pair(pair: &Pair, reference: &NamedReport, other: &NamedReport) -> String {
    let parts = [
        sections::headline(pair),
        sections::layers(pair),
        sections::partings(pair),
        sections::environments(pair, reference, other),
        sections::differing(pair),
        curves::render(pair, &reference.report),
        pictures::render(reference, other),
    ];
    format!("<section class=\"pair\">\n{}</section>\n", parts.concat())
}

/// The matrix of everything that was compared.
fn every_row(comparison: &Comparison) -> String {
    format!(
        "<details><summary>Everything that was compared</summary>\n{}</details>\n",
        sections::table(&overview::items(comparison))
    )
}
