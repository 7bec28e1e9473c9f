//! `slgan repro run`: the suite on one device.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use slgan::repro::{self, Suite};

use super::environment;
use super::progress::Lines;
use super::summary::Summary;
use crate::atomic;
use crate::cli::{ReproRunArgs, SuiteName};
use crate::device;
use crate::failure::Usage;

/// Runs the suite, writes its report and prints a summary. The exit code is 1 if a result is outside its budget, or two
/// equal runs on the device differ.
///
/// # Errors
/// If the device does not exist (exit code 2), cannot be opened or read, or the file cannot be written.
pub fn run(args: &ReproRunArgs) -> Result<ExitCode> {
    if let Some(out) = &args.out {
        check_folder(out)?;
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
    let out = args.out.clone().or_else(|| (!args.json).then(|| free_name(Path::new(""))));
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

/// Checks before a minute's work that a file can be put where it should go.
fn check_folder(out: &Path) -> Result<()> {
    match out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => {
            Err(Usage::new(format!("--out {}: {} is not a folder", out.display(), folder.display())).into())
        }
        _ => Ok(()),
    }
}

/// The first name in a folder that no file has.
fn free_name(folder: &Path) -> PathBuf {
    let numbered = (2..).map(|number: u64| folder.join(format!("repro-{number}.json")));
    let mut names = std::iter::once(folder.join("repro.json")).chain(numbered);
    names.find(|name| !name.exists()).expect("there is always a number that no file has")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_report_is_overwritten_without_being_named() {
        let folder = tempfile::TempDir::new().unwrap();
        for expected in ["repro.json", "repro-2.json", "repro-3.json"] {
            let name = free_name(folder.path());
            assert_eq!(name, folder.path().join(expected));
            std::fs::write(name, "").unwrap();
        }
    }
}
