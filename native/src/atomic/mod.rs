//! Files and folders that appear whole or not at all.
//!
//! A run may be killed, or its disk may fill up, at any moment. A reader of a path then finds the old content, the new
//! content or nothing, never a part. These functions write a temporary file or folder beside the path, sync it and
//! rename it. All writes to run folders and caches must use them, except logs that only grow.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::failure::Usage;

/// How the names of temporary files and folders begin.
const PREFIX: &str = ".";

/// How they end.
const SUFFIX: &str = ".partial";

/// Random characters in the name of a temporary file.
const RANDOM: usize = 6;

/// Writes `bytes` to `path`, and replaces what was there. An error names the path, and leaves it unchanged.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_file_with(path, |file| file.write_all(bytes))
}

/// Writes to `path` what `fill` writes to its file, and replaces what was there. An error of `fill` or the disk names
/// the path, and leaves it unchanged. The parent folder must exist. The function follows links. It replaces only files,
/// because anything else, such as a device, would be lost.
pub fn write_file_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let write = || {
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if path.exists() && !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "exists and is not a file"));
        }
        let mut temporary = temporary_file(parent(path))?;
        fill(temporary.as_file_mut())?;
        temporary.as_file().sync_all()?;
        temporary.persist(path)?;
        sync_directory(parent(path))
    };
    write().map_err(|error| at(path, error))
}

/// Moves a finished file to `path` in the same folder, replaces what was there, and syncs the file and the folder.
pub fn rename_file(from: &Path, path: &Path) -> io::Result<()> {
    let rename = || {
        OpenOptions::new().write(true).open(from)?.sync_all()?;
        fs::rename(from, path)?;
        sync_directory(parent(path))
    };
    rename().map_err(|error| at(path, error))
}

/// Creates the folder `path` with what `fill` puts into a staging folder.
///
/// The staging folder is `.NAME.partial` beside `path`; the function first removes one that a killed process left. If
/// `fill` or the disk fails, neither folder remains.
///
/// # Errors
/// If `path` exists, its parent folder does not, or `fill` or the disk fails.
pub fn write_directory(path: &Path, fill: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    ensure!(fs::symlink_metadata(path).is_err(), "{} already exists", path.display());
    let staging = staging_path(path)?;
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(|error| at(&staging, error))?;
    }
    fs::create_dir(&staging).map_err(|error| at(&staging, error))?;
    let written = fill(&staging).and_then(|()| Ok(publish(&staging, path).map_err(|error| at(path, error))?));
    if written.is_err() {
        // The first error is the one to report. If the folder stays, the next call removes it.
        let _ = fs::remove_dir_all(&staging);
    }
    written
}

/// Removes the temporary files that killed processes left in `directory`, and the staging folders of names that
/// `is_ours` accepts. No other process may be writing there.
///
/// # Errors
/// If something cannot be removed. A missing folder has nothing in it.
pub fn sweep(directory: &Path, is_ours: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| at(directory, error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| at(directory, error))?;
        let (name, path) = (entry.file_name(), entry.path());
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)) else {
            continue;
        };
        let kind = entry.file_type().map_err(|error| at(&path, error))?;
        let is_random = name.len() == RANDOM && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if kind.is_file() && is_random {
            fs::remove_file(&path).map_err(|error| at(&path, error))?;
        } else if kind.is_dir() && is_ours(name) {
            fs::remove_dir_all(&path).map_err(|error| at(&path, error))?;
        }
    }
    Ok(())
}

/// Checks before long work that the file which a flag names can be put where it should go.
///
/// # Errors
/// If its folder does not exist (exit code 2).
pub fn check_parent(flag: &str, path: &Path) -> anyhow::Result<()> {
    let folder = parent(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(Usage::new(format!("{flag} {}: {} is not a folder", path.display(), folder.display())).into())
}

/// The first of `NAME.json`, `NAME-2.json` and so on that no file in a folder has.
pub fn free_name(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|number: u64| folder.join(format!("{name}-{number}.json")));
    let mut names = std::iter::once(folder.join(format!("{name}.json"))).chain(numbered);
    names.find(|name| !name.exists()).expect("there is always a number that no file has")
}

fn publish(staging: &Path, path: &Path) -> io::Result<()> {
    sync_tree(staging)?;
    fs::rename(staging, path)?;
    sync_directory(parent(path))
}

fn sync_tree(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            // Windows flushes only through a writable handle.
            OpenOptions::new().write(true).open(&path)?.sync_all()?;
        }
    }
    sync_directory(directory)
}

/// Makes a rename in `directory` survive a power failure. Only Unix has, and needs, this call.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn temporary_file(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        // By default, only the owner may read the file; the final file should follow the umask.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn staging_path(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} does not name a folder", path.display()))?;
    Ok(parent(path).join(format!("{PREFIX}{}{SUFFIX}", name.to_string_lossy())))
}

/// The folder that holds `path`; `.` for a bare name, whose `Path::parent` is empty.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
