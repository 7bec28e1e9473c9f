//! The runs of a study: where each one is, and how it is called.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::command_line::arguments;
use super::file::Study;
use super::job::{Job, error_in};
use crate::run_folder::RunFolder;

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

    /// The process that begins the run, or goes on with it if there is one.
    pub fn training(&self) -> Job {
        let begun = self.folder.config_path().is_file();
        if begun { self.job(&["train", "--resume"], &self.later) } else { self.job(&["train"], &self.first) }
    }

    /// The command that begins the run, for a shell.
    pub fn first_command(&self) -> String {
        self.job(&["train"], &self.first).command(None)
    }

    /// A file beside its folder, with the name of the folder before `ending`.
    pub fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.folder.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    /// Why the last session of training failed, from its log; none if it did not fail.
    pub fn error(&self) -> Option<String> {
        error_in(&self.log())
    }

    fn job(&self, command: &[&str], words: &[String]) -> Job {
        let words = command.iter().copied().chain(words.iter().map(String::as_str)).chain(["--out"]);
        let folder = self.folder.path.clone();
        let arguments = words.map(OsString::from).chain([folder.clone().into_os_string()]).collect();
        Job { folder, arguments, log: self.log() }
    }

    fn log(&self) -> PathBuf {
        self.beside(".log")
    }
}

/// Whether a run may change a key when it goes on.
fn is_operational(key: &str) -> bool {
    matches!(key, "steps" | "device" | "device_class") || key.starts_with("report.")
}
