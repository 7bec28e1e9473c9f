//! `report.html`: a run as one file, to open offline or to mail.
//!
//! The page loads nothing from outside: styles and the small script are inline, pictures are `data:` URLs. It must be
//! complete without the script. All text from a run is escaped, because a run folder may come from someone else. Pages
//! on several runs use its parts.

mod chart;
mod confusion;
mod curves;
mod generated;
mod headline;
mod history;
mod notes;
mod page;
mod pictures;
mod plot;
mod read;
mod samples;
mod selective;
mod series;
#[cfg(test)]
mod tests;
mod text;
mod thin;

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::atomic;
use crate::cli::ReportArgs;
use crate::failure::usage;
pub use chart::Chart;
use history::Damage;
pub use history::{Evaluation, RunHistory, SampleGrid};
pub use page::page;
pub use read::read;
pub use samples::data_uri;
pub use series::{Axis, Points, Series};
pub use text::{duration, escape, number, thousands};

/// Its name in a run folder.
const FILE: &str = "report.html";

const SCRIPT: &str = include_str!("report.js");

/// `slgan report`: makes the report of a run again.
///
/// # Errors
/// If there is no run, its events cannot be read, or the report cannot be written. With damaged events, only a file that
/// is named is written, because an older report has their figures; the error says so.
pub fn report(args: &ReportArgs) -> Result<()> {
    if !args.run.is_dir() {
        return Err(usage(format!("{}: no such run folder", args.run.display())));
    }
    let out = args.out.clone().unwrap_or_else(|| args.run.join(FILE));
    match &args.out {
        None => write(&args.run)?,
        Some(out) => write_to(&args.run, out)?,
    }
    result!("{}", out.display());
    Ok(())
}

/// Writes `report.html` of a run folder, from its `events.jsonl`, `config.toml` and sample grids.
///
/// # Errors
/// As [`check`], and if there are no events, or the report cannot be written.
pub fn write(run: &Path) -> Result<()> {
    check(run)?;
    write_to(run, &run.join(FILE))
}

/// Checks that all events of a run are as they were written. There may be none yet.
///
/// # Errors
/// If the events cannot be read, or one is damaged. The error names file and line, and what still can be had.
pub fn check(run: &Path) -> Result<()> {
    let events = run.join(read::EVENTS);
    if fs::symlink_metadata(&events).is_err() {
        return Ok(());
    }
    let damage = read::damage(run)?;
    ensure!(
        damage.is_empty(),
        "{}: {}; the checkpoints are not affected: rename this file, and --resume goes on with a new one; `slgan report \
         {} --out FILE.html` makes a report of the other lines",
        events.display(),
        summary(&damage),
        run.display()
    );
    Ok(())
}

/// Writes a report of what can be read.
fn write_to(run: &Path, out: &Path) -> Result<()> {
    let history = read(run)?;
    atomic::write_file(out, render(&history).as_bytes())?;
    ensure!(
        history.damage.is_empty(),
        "{}: {}; {} was made without the damaged lines, and names them",
        run.join(read::EVENTS).display(),
        summary(&history.damage),
        out.display()
    );
    Ok(())
}

/// The first damaged line, and how many there are.
fn summary(damage: &[Damage]) -> String {
    let first = damage.first().map(|Damage { line, why }| format!("line {line} is damaged: {why}"));
    let all = if damage.len() > 1 { format!(" (of {} damaged lines the first)", damage.len()) } else { String::new() };
    first.unwrap_or_default() + &all
}

/// The report as one HTML file. It leaves out sections without content.
pub fn render(history: &RunHistory) -> String {
    let sections = [
        headline::render(history),
        notes::damage(history),
        samples::render(history),
        pictures::render(history),
        curves::render(history),
        confusion::render(history),
        generated::render(history),
        notes::warnings(history),
        notes::setup(history),
    ];
    page(&format!("{} · slgan", history.name), "", &sections.concat(), SCRIPT)
}
