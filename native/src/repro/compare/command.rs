//! The command itself.

use std::process::ExitCode;

use anyhow::Result;
use slgan::repro::compare;

use super::{files, markdown, page, text};
use crate::atomic;
use crate::cli::ReproCompareArgs;

/// Compares reports, prints the result, and writes a page if one is named. The exit code is 1 if an exact item differs,
/// or another one is outside its budget.
///
/// # Errors
/// If a file is no usable report, the reports are of several suites, or the page cannot be written.
pub fn run(args: &ReproCompareArgs) -> Result<ExitCode> {
    let reports = files::read(&args.reports)?;
    let comparison = compare::compare(&reports)?;
    if let Some(file) = &args.html {
        atomic::write_file(file, page::render(&comparison, &reports).as_bytes())?;
        say!("the page is in {}", file.display());
    }
    if args.json {
        result!("{}", serde_json::to_string(&comparison)?);
    } else if args.markdown {
        result!("{}", markdown::render(&comparison));
    } else {
        result!("{}", text::render(&comparison, args.all));
    }
    Ok(ExitCode::from(u8::from(!comparison.good)))
}
