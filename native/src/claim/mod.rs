//! A run folder that this process may write to. A folder belongs to one process at a time, and is taken before anything
//! slow begins; if the run is refused after all, nothing of the claim remains.

mod host;
mod lock;
mod name;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result};
use slgan::config::Config;

use crate::atomic;
use crate::failure::Usage;
use crate::run_folder::RunFolder;
use lock::{Lock, Taking};
pub use name::{default_path, default_paths, numbered};

/// How often to begin again when another process removes a folder of its own that this one was about to use.
const MOST_TRIES: usize = 100;

/// A run folder that belongs to this process until the value is dropped.
pub struct Claim {
    /// The folder.
    pub folder: RunFolder,
    lock: Lock,
    is_new: bool,
    /// The folders that were made for it, outermost first, until the run begins; a refused run removes them.
    made: Vec<PathBuf>,
}

/// Why a folder cannot be a new run's.
enum Taken {
    /// There is something in it, or it is no folder.
    Exists,
    /// Another process has it.
    InUse(Error),
}

impl Claim {
    /// Takes the folder of a run that exists.
    ///
    /// # Errors
    /// If another process has it, or it cannot be written.
    pub fn resumed(folder: RunFolder) -> Result<Self> {
        match Lock::take(&folder.path).with_context(|| folder.path.display().to_string())? {
            Taking::Ours(lock) => Ok(Self { folder, lock, is_new: false, made: Vec::new() }),
            Taking::Theirs(owner) => Err(in_use(&folder.path, &owner)),
        }
    }

    /// Makes a folder for a new run, or takes an empty one.
    ///
    /// # Errors
    /// If the path has something in it, another process has it, or it cannot be written.
    pub fn new_at(path: &Path) -> Result<Self> {
        match Self::try_new(path)? {
            Ok(claim) => Ok(claim),
            Err(Taken::InUse(error)) => Err(error),
            Err(Taken::Exists) => Err(Usage::new(format!(
                "{}: already exists; choose another folder with --out, or continue that run with --resume",
                path.display()
            ))
            .into()),
        }
    }

    /// Makes the first of `path`, `path-2`, `path-3` and so on that nothing and nobody has.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn first_free(path: &Path) -> Result<Self> {
        let mut number = 1;
        loop {
            let candidate = if number == 1 { path.to_owned() } else { numbered(path, number) };
            if let Ok(claim) = Self::try_new(&candidate)? {
                return Ok(claim);
            }
            number += 1;
        }
    }

    /// What takes the claim back, for a process that ends without dropping it.
    pub fn undo(&self) -> impl FnOnce() + Send + 'static {
        let (lock, made) = (self.lock.path().to_owned(), self.made.clone());
        move || {
            let _ = fs::remove_file(lock);
            remove(&made);
        }
    }

    /// Writes the configuration, after which the folder is a run's and stays.
    ///
    /// # Errors
    /// If it cannot be written; then nothing of a new run remains.
    pub fn begin(&mut self, config: &Config) -> Result<()> {
        let written = self.write(config);
        if written.is_ok() {
            self.made.clear();
        } else if self.is_new {
            let _ = fs::remove_file(self.folder.config_path());
            remove(&self.parts());
        }
        written
    }

    fn write(&self, config: &Config) -> Result<()> {
        // The configuration comes first, because it makes the folder a run's, which can be continued.
        atomic::write_file(&self.folder.config_path(), config.to_toml()?.as_bytes())?;
        for part in self.parts() {
            fs::create_dir_all(&part).with_context(|| part.display().to_string())?;
        }
        Ok(())
    }

    fn parts(&self) -> [PathBuf; 2] {
        RunFolder::FOLDERS.map(|name| self.folder.path.join(name))
    }

    /// Two processes that want the same folder may both make or find it. The lock decides who has it.
    fn try_new(path: &Path) -> Result<Result<Self, Taken>> {
        let mut tries = 0;
        loop {
            match Self::try_once(path) {
                Err(error) if error.kind() == ErrorKind::NotFound && tries < MOST_TRIES => tries += 1,
                result => return result.with_context(|| format!("{}: no run can be made here", path.display())),
            }
        }
    }

    fn try_once(path: &Path) -> io::Result<Result<Self, Taken>> {
        let made = match make(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Err(Taken::Exists)),
            made => Made(made?),
        };
        if !is_vacant(path) {
            return Ok(Err(Taken::Exists));
        }
        let lock = match Lock::take(path)? {
            Taking::Ours(lock) => lock,
            Taking::Theirs(owner) => return Ok(Err(Taken::InUse(in_use(path, &owner)))),
        };
        // Its last owner may have begun a run, and ended, in the meantime.
        if !is_vacant(path) {
            return Ok(Err(Taken::Exists));
        }
        Ok(Ok(Self { folder: RunFolder::at(path), lock, is_new: true, made: made.keep() }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.made.is_empty() {
            self.undo()();
        }
    }
}

/// Folders that go again unless they are kept.
struct Made(Vec<PathBuf>);

impl Made {
    fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn in_use(path: &Path, owner: &str) -> Error {
    Error::msg(format!(
        "{}: in use by {owner}; wait until it ends, or choose another folder with --out",
        path.display()
    ))
}

/// Makes a folder and those above it. Returns those that were not there, outermost first.
fn make(path: &Path) -> io::Result<Vec<PathBuf>> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let mut missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    missing.reverse();
    let mut made = Made(Vec::new());
    for folder in missing {
        match fs::create_dir(folder) {
            Ok(()) => made.0.push(folder.to_owned()),
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made.keep())
}

/// Removes folders, the last first, as far as they are empty.
fn remove(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

/// Whether a folder holds nothing but what systems and killed processes leave.
fn is_vacant(path: &Path) -> bool {
    fs::read_dir(path)
        .is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(|entry| is_left(&entry.file_name()))))
}

fn is_left(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let is_partial = name.starts_with('.') && name.ends_with(".partial");
    is_partial || matches!(&*name, lock::FILE | "lost+found")
}
