//! The reports that a call names.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use slgan::repro::compare::NamedReport;

use crate::regular_file;

/// Reads all reports, and names every file that is not one.
///
/// # Errors
/// If a file cannot be read, or is no usable report. The error says of each what it is, in a line.
pub fn read(paths: &[PathBuf]) -> Result<Vec<NamedReport>> {
    let (mut reports, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match read_one(path) {
            Ok(report) => reports.push(report),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        bail!("{}", errors.join("\n"));
    }
    Ok(reports)
}

fn read_one(path: &Path) -> Result<NamedReport, String> {
    let name = path.display().to_string();
    let file = regular_file::read(path).map_err(|error| format!("{name}: {error}"))?;
    NamedReport::read(&name, &file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_no_report_is_named() {
        let folder = tempfile::TempDir::new().unwrap();
        let [missing, other] = ["missing.json", "other.json"].map(|name| folder.path().join(name));
        std::fs::write(&other, "hello").unwrap();
        let error = read(&[missing, other]).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert!(lines.len() == 2 && lines[0].contains("missing.json: "), "{error}");
        assert!(lines[1].contains("other.json: not a report of `slgan repro run`"), "{error}");
    }
}
