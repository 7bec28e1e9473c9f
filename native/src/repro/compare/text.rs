//! A comparison as text for a terminal.

use slgan::repro::compare::{Comparison, Difference, Item, Pair, Row, Subject, Verdict, rows};

use super::{figures, overview};
use crate::table;

/// How many differences of environments are listed without `--all`.
const DIFFERENCES_MAX: usize = 12;

/// The verdicts first, then the details of each pair. With `all`, every item is listed, else kinds of items that differ.
pub fn render(comparison: &Comparison, all: bool) -> String {
    let mut parts = Vec::new();
    if comparison.pairs.len() > 1 {
        let agree = comparison.pairs.iter().filter(|pair| pair.is_good()).count();
        let reference = comparison.reports.first().map(|report| report.name.as_str()).unwrap_or_default();
        parts.push(format!("{agree} of {} reports agree with {reference}.\n", comparison.pairs.len()));
        let without_device = |mut row: Vec<String>| {
            row.remove(1);
            row
        };
        let lines: Vec<Vec<String>> = overview::reports(comparison).into_iter().map(without_device).collect();
        parts.push(table::aligned(&lines));
    }
    let subjects = comparison.reports.iter().skip(1);
    for (pair, other) in comparison.pairs.iter().zip(subjects) {
        parts.push(of_pair(pair, [&comparison.reports[0], other], all));
    }
    parts.join("\n").trim_end().to_owned()
}

fn of_pair(pair: &Pair, subjects: [&Subject; 2], all: bool) -> String {
    let mut text = format!("{}\n", pair.sentence);
    text.extend(pair.causes.iter().map(|cause| format!("- {cause}\n")));
    let [reference, other] = subjects.map(|subject| vec![subject.name.clone(), subject.about.clone()]);
    text += &section("Reports, the reference first", &table::aligned(&[reference, other]));
    text += &section("What differs between the environments", &environments(pair, subjects, all));
    let partings: String = pair.partings.iter().map(|parting| format!("  {}\n", parting.place())).collect();
    text += &section("Where runs part, bit by bit", &partings);
    if all {
        text += &section("Everything that was compared", &every_item(&pair.items));
    } else {
        text += &section("What differs", &differing(&rows(&pair.items)));
    }
    text
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n{title}:\n{body}") }
}

/// What can change bits, or with `all` everything.
fn environments(pair: &Pair, [reference, other]: [&Subject; 2], all: bool) -> String {
    let chosen: Vec<&Difference> = pair.differences.iter().filter(|difference| all || difference.bears).collect();
    let shown = if all { chosen.len() } else { DIFFERENCES_MAX };
    let mut lines = vec![vec![String::new(), reference.name.clone(), other.name.clone()]];
    lines.extend(chosen.iter().take(shown).map(|difference| {
        let Difference { what, reference, other, .. } = difference;
        vec![what.clone(), reference.clone(), other.clone()]
    }));
    let hidden = pair.differences.len() - chosen.len().min(shown);
    let rest = if hidden > 0 { format!("  {hidden} more with --all\n") } else { String::new() };
    if lines.len() == 1 { rest } else { table::aligned(&lines) + &rest }
}

/// Kinds of items that differ.
fn differing(all: &[Row]) -> String {
    let mut lines = vec![head(&["layer", "item", "verdict", "differ", "farthest", "allowed", "first at"])];
    lines.extend(all.iter().filter(|row| row.verdict != Verdict::Identical).map(|row| {
        let differ = format!("{} of {}", row.counts.all() - row.counts.identical, row.counts.all());
        let [farthest, allowed] = row.measure.map_or([String::new(), String::new()], |measure| {
            [figures::distance(measure.found), figures::bound(measure.allowed)]
        });
        let place = overview::place(row);
        let verdict = overview::verdict(row.verdict).to_owned();
        vec![row.layer.name().to_owned(), row.full_name(), verdict, differ, farthest, allowed, place]
    }));
    if lines.len() == 1 { String::new() } else { table::aligned(&lines) }
}

fn every_item(items: &[Item]) -> String {
    let mut lines = vec![head(&["verdict", "distance", "allowed", "item"])];
    lines.extend(items.iter().map(|item| {
        let [found, allowed] = item.measure.map_or([String::new(), String::new()], |measure| {
            [figures::distance(measure.found), figures::bound(measure.allowed)]
        });
        let note = if item.note.is_empty() { String::new() } else { format!(" ({})", item.note) };
        vec![overview::verdict(item.verdict).to_owned(), found, allowed, item.place() + &note]
    }));
    table::aligned(&lines)
}

fn head(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|&title| title.to_owned()).collect()
}
