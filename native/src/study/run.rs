//! The runs of a study: where each one is, and how it is called.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::command_line::arguments;
use super::file::Study;
use crate::run_folder::RunFolder;
use crate::shell_line::line;

/// The words with which the program begins its errors.
const ERROR: &str = "error: ";

/// A run of a study.
pub struct Run {
    /// The place of its setting in the study.
    pub setting: usize,
    /// Its seed.
    pub seed: u64,
    /// Its folder.
    pub folder: RunFolder,
    /// The arguments that begin it.
    first: Vec<String>,
    /// The arguments that may change when it goes on.
    later: Vec<String>,
}

impl Run {
    /// All runs of a study with the results in `out`: the seeds of the first setting, then those of the next.
    pub fn all(study: &Study, out: &Path) -> Vec<Self> {
        let mut runs = Vec::new();
        for (setting, entry) in study.settings.iter().enumerate() {
            let (first, later) = (arguments(&entry.layers, |_| true), arguments(&entry.layers, is_operational));
            runs.extend(study.seeds.iter().map(|&seed| Self {
                setting,
                seed,
                folder: RunFolder::at(out.join(format!("{}-{seed}", entry.name))),
                first: [first.as_slice(), &["--seed".to_owned(), seed.to_string()]].concat(),
                later: later.clone(),
            }));
        }
        runs
    }

    /// The arguments that begin the run, or go on with it if there is one; on a device, if one is given, instead of the
    /// study's.
    pub fn arguments(&self, device: Option<&str>) -> Vec<OsString> {
        let begun = self.folder.config_path().is_file();
        let (words, resume) = if begun { (&self.later, Some("--resume")) } else { (&self.first, None) };
        let words = on(device, words);
        let words = ["train"].into_iter().chain(resume).chain(words.iter().map(String::as_str));
        let out = ["--out".into(), self.folder.path.clone().into_os_string()];
        words.map(OsString::from).chain(out).collect()
    }

    /// The command that begins the run, for a shell.
    pub fn first_command(&self) -> String {
        self.command(None)
    }

    /// The same on a device, if one is given.
    pub fn command(&self, device: Option<&str>) -> String {
        let (out, words) = (self.folder.path.to_string_lossy(), on(device, &self.first));
        line(["slgan", "train"].into_iter().chain(words.iter().map(String::as_str)).chain(["--out", &out]))
    }

    /// The file for what the run prints, beside its folder. It has the last session's lines.
    pub fn log(&self) -> PathBuf {
        let mut name = self.folder.path.clone().into_os_string();
        name.push(".log");
        name.into()
    }

    /// Why the last session failed, from its log; none if it did not fail.
    pub fn error(&self) -> Option<String> {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let error = log.lines().rev().find_map(|line| line.strip_prefix(ERROR));
        error.map(str::to_owned)
    }
}

/// Arguments with another device.
fn on(device: Option<&str>, words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    let Some(device) = device.map(str::to_owned) else { return words };
    match words.iter().position(|word| word == "--device") {
        Some(flag) => words[flag + 1] = device,
        None => words.extend(["--device".to_owned(), device]),
    }
    words
}

/// Whether a run may change a key when it goes on.
fn is_operational(key: &str) -> bool {
    matches!(key, "steps" | "device" | "device_class") || key.starts_with("report.")
}
