//! `slgan repro run`: the suite on one device.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use slgan::repro::{self, Suite};

use super::environment;
use super::progress::Lines;
use super::summary::Summary;
use crate::atomic;
use crate::cli::{ReproRunArgs, SuiteName};
use crate::device;

/// Runs the suite, writes its report and prints a summary. The exit code is 1 if a result is outside its budget, or two
/// equal runs on the device differ.
///
/// # Errors
/// If the device does not exist (exit code 2), cannot be opened or read, or the file cannot be written.
pub fn run(args: &ReproRunArgs) -> Result<ExitCode> {
    if let Some(out) = &args.out {
        atomic::check_parent("--out", out)?;
    }
    let opened = device::open(&args.device)?;
    let environment = environment::of(&opened);
    let suite = match args.suite {
        SuiteName::Standard => Suite::STANDARD,
        SuiteName::Brief => Suite::BRIEF,
    };
    say!("running the suite {} on {} ..", suite.name, opened.name);
    let mut lines = Lines::default();
    let report = device::block_on(repro::run(&suite, &opened.device, environment, &mut lines))?
        .with_context(|| format!("device: {}", opened.name))?;
    let file = report.to_file();
    let out = args.out.clone().or_else(|| (!args.json).then(|| atomic::free_name(Path::new(""), "repro")));
    if let Some(out) = &out {
        atomic::write_file(out, &file)?;
    }
    let summary = Summary::of(&report);
    if args.json {
        result!("{}", String::from_utf8_lossy(file.trim_ascii_end()));
    } else {
        result!("{summary}");
    }
    if let Some(out) = &out {
        say!("the report is in {}", out.display());
    }
    Ok(ExitCode::from(u8::from(!report.is_good())))
}
