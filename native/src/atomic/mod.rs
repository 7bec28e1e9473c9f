//! Files and folders that appear whole or not at all.
//!
//! A run may be killed, or its disk fill up, at any moment; whoever opens a path written here finds the old content,
//! the new content or nothing, never a part. Everything is written beside its place, synced and renamed. Nothing may
//! write into a run folder or a cache past these functions, except logs that only ever grow.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// Writes `bytes` to `path`, replacing what was there. On an error, which names the path, nothing has changed.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_file_with(path, |file| file.write_all(bytes))
}

/// Writes to `path` what `fill` writes to the file it is given, replacing what was there. Where `fill` or the disk
/// fails, nothing has changed and the error names the path. The parent folder must exist. A link is followed; what is
/// there must be a file, since anything else, such as a device, cannot be replaced without being lost.
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

/// Moves a finished file to `path`, replacing what was there, and syncs both the file and its folder, which must be
/// the same for `from` and `path`.
pub fn rename_file(from: &Path, path: &Path) -> io::Result<()> {
    let rename = || {
        OpenOptions::new().write(true).open(from)?.sync_all()?;
        fs::rename(from, path)?;
        sync_directory(parent(path))
    };
    rename().map_err(|error| at(path, error))
}

/// Makes the folder `path` with what `fill` puts into the staging folder that it is given.
///
/// The staging folder is `.NAME.partial` beside `path`; one left by a killed process is removed first. Where `fill` or
/// the disk fails, neither folder is left.
///
/// # Errors
/// An existing `path`, a missing parent folder, and whatever `fill` returns.
pub fn write_directory(path: &Path, fill: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    ensure!(fs::symlink_metadata(path).is_err(), "{} exists already", path.display());
    let staging = staging_path(path)?;
    if staging.exists() {
        fs::remove_dir_all(&staging).map_err(|error| at(&staging, error))?;
    }
    fs::create_dir(&staging).map_err(|error| at(&staging, error))?;
    let written = fill(&staging).and_then(|()| Ok(publish(&staging, path).map_err(|error| at(path, error))?));
    if written.is_err() {
        // The first error is the one to report; a folder that stays is removed by the next call.
        let _ = fs::remove_dir_all(&staging);
    }
    written
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
            // Windows flushes only through a handle that may write.
            OpenOptions::new().write(true).open(&path)?.sync_all()?;
        }
    }
    sync_directory(directory)
}

/// Makes a rename in `directory` survive a loss of power. Only Unix has, and needs, such a call.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn temporary_file(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".partial");
    #[cfg(unix)]
    {
        // The default keeps the file from other users; what stays under its name should follow the umask.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn staging_path(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} does not name a folder", path.display()))?;
    Ok(parent(path).join(format!(".{}.partial", name.to_string_lossy())))
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
