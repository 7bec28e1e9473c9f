//! A child process of a study: this program with other arguments, which prints to a log.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::shell_line::line;

/// The words with which the program begins its errors.
const ERROR: &str = "error: ";

/// What a child process does for a run.
pub struct Job {
    /// The folder of the run.
    pub folder: PathBuf,
    /// The arguments.
    pub arguments: Vec<OsString>,
    /// The file for what it prints. It has the last session's lines.
    pub log: PathBuf,
}

impl Job {
    /// Its command for a shell; on a device, if one is given, instead of its own.
    pub fn command(&self, device: Option<&str>) -> String {
        let words = on(device, &self.arguments);
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        line(["slgan"].into_iter().chain(words.iter().map(AsRef::as_ref)))
    }

    /// Starts it; on a device, if one is given, instead of its own.
    ///
    /// # Errors
    /// If the log cannot be written, or the process cannot be started.
    pub fn start(&self, device: Option<&str>) -> Result<Child> {
        let log = File::create(&self.log).with_context(|| self.log.display().to_string())?;
        let program = env::current_exe().context("looking for this program")?;
        let mut command = Command::new(program);
        command.args(on(device, &self.arguments)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().context("starting this program")
    }

    /// Why it failed, from its log; none if it did not fail.
    pub fn error(&self) -> Option<String> {
        error_in(&self.log)
    }

    /// Writes to its log why it failed.
    pub fn fail(&self, why: &str) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        if let Err(error) = log.and_then(|mut log| writeln!(log, "{ERROR}{why}")) {
            say!("warning: {}: {error}; why it failed: {why}", self.log.display());
        }
    }
}

/// The last error in a log; none if there is none.
pub fn error_in(log: &Path) -> Option<String> {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let error = log.lines().rev().find_map(|line| line.strip_prefix(ERROR));
    error.map(str::to_owned)
}

/// Arguments with another device.
fn on(device: Option<&str>, arguments: &[OsString]) -> Vec<OsString> {
    let mut words = arguments.to_vec();
    let Some(device) = device.map(OsString::from) else { return words };
    match words.iter().position(|word| word == OsStr::new("--device")) {
        Some(flag) => words[flag + 1] = device,
        None => words.extend(["--device".into(), device]),
    }
    words
}
