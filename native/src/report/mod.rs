//! `report.html`: a run as one file, to open offline or to mail.
//!
//! The page loads nothing from outside, and its content policy makes the browser enforce this: styles and the small
//! script are inline, pictures are `data:` URLs. It must be complete without the script. All text from a run is
//! escaped, because a run folder may come from someone else.

mod chart;
mod confusion;
mod curves;
mod headline;
mod history;
mod notes;
mod pictures;
mod plot;
mod read;
mod samples;
mod series;
#[cfg(test)]
mod tests;
mod text;
mod thin;

use std::path::Path;

use anyhow::Result;

use crate::atomic;
use crate::cli::ReportArgs;
use crate::failure::usage;
use history::RunHistory;
use text::escape;

/// Its name in a run folder.
const FILE: &str = "report.html";

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// `slgan report`: makes the report of a run again.
///
/// # Errors
/// If there is no run, its events are corrupt, or the report cannot be written.
pub fn report(args: &ReportArgs) -> Result<()> {
    if !args.run.is_dir() {
        return Err(usage(format!("{}: no such run folder", args.run.display())));
    }
    let out = args.out.clone().unwrap_or_else(|| args.run.join(FILE));
    write_to(&args.run, &out)?;
    result!("{}", out.display());
    Ok(())
}

/// Writes `report.html` of a run folder, from its `events.jsonl`, `config.toml` and sample grids.
///
/// # Errors
/// If the events cannot be read or are corrupt, or the report cannot be written.
pub fn write(run: &Path) -> Result<()> {
    write_to(run, &run.join(FILE))
}

/// Checks that a report can be made from the events of a run. There may be none yet.
///
/// # Errors
/// If the events cannot be read or are corrupt. The error names file and line.
pub fn check(run: &Path) -> Result<()> {
    read::check(run)
}

fn write_to(run: &Path, out: &Path) -> Result<()> {
    let html = render(&read::read(run)?);
    Ok(atomic::write_file(out, html.as_bytes())?)
}

/// The report as one HTML file. It leaves out sections without content.
pub fn render(history: &RunHistory) -> String {
    let sections = [
        headline::render(history),
        samples::render(history),
        pictures::render(history),
        curves::render(history),
        confusion::render(history),
        notes::warnings(history),
        notes::setup(history),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} · slgan</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        escape(&history.name),
        sections.concat()
    )
}
