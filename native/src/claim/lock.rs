//! The lock of a run folder. The operating system holds it for a process and ends it with the process, so that what a
//! killed process leaves behind stops nobody.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::host;

/// The name of the file that is locked. It says for people who holds it; alone, it means nothing.
pub const FILE: &str = "run.lock";

/// Longest text that is taken from a lock file.
const LONGEST_OWNER: u64 = 300;

/// A lock that this process holds until the value is dropped.
pub struct Lock {
    path: PathBuf,
    file: Option<File>,
}

/// What came of taking a lock.
pub enum Taking {
    /// This process has it.
    Ours(Lock),
    /// Another has it: its process and host, as far as that is known.
    Theirs(String),
}

/// A lock file that was opened.
enum Opened {
    Locked(File),
    /// The file system has no locks.
    Unlockable(File, io::Error),
    Busy,
}

impl Lock {
    /// Takes the lock of a folder, without waiting. Where the file system has no locks, it warns and goes on.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn take(folder: &Path) -> io::Result<Taking> {
        let path = folder.join(FILE);
        let file = match open(&path)? {
            Opened::Busy => return Ok(Taking::Theirs(owner(&path))),
            Opened::Locked(file) => file,
            Opened::Unlockable(file, error) => {
                say!("warning: {}: cannot be locked ({error}); let no other process write to this run", path.display());
                file
            }
        };
        // The text is only for people: a full disk shows soon enough.
        let _ = file.set_len(0).and_then(|()| writeln!(&file, "process {} on {}", process::id(), host::name()));
        Ok(Taking::Ours(Self { path, file: Some(file) }))
    }

    /// The path of the lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Windows removes no file that is open. Elsewhere it goes while it is locked; who waits for it sees that.
        if cfg!(windows) {
            self.file = None;
        }
        let _ = fs::remove_file(&self.path);
    }
}

/// Who holds a lock, from the text of its file.
fn owner(path: &Path) -> String {
    let mut text = Vec::new();
    let _ = File::open(path).and_then(|file| file.take(LONGEST_OWNER).read_to_end(&mut text));
    match String::from_utf8_lossy(&text).lines().next() {
        Some(owner) if !owner.trim().is_empty() => owner.trim().to_owned(),
        _ => "another process".to_owned(),
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<Opened> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;

    let is_still_there = |file: &File| -> io::Result<bool> {
        let (ours, there) = (file.metadata()?, fs::metadata(path));
        Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())))
    };
    loop {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) if is_still_there(&file)? => return Ok(Opened::Locked(file)),
            // Its holder has just ended, and removed it.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Opened::Busy),
            Err(TryLockError::Error(error)) => return Ok(Opened::Unlockable(file, error)),
        }
    }
}

/// On Windows, nobody may read a locked file, so the lock is a file that nobody else may open for writing.
#[cfg(windows)]
fn open(path: &Path) -> io::Result<Opened> {
    use std::os::windows::fs::OpenOptionsExt;

    const FILE_SHARE_READ: u32 = 1;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    let mut options = File::options();
    options.write(true).create(true).truncate(false).share_mode(FILE_SHARE_READ);
    match options.open(path) {
        Ok(file) => Ok(Opened::Locked(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(Opened::Busy),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn is_ours(folder: &TempDir) -> Option<Lock> {
        match Lock::take(folder.path()).unwrap() {
            Taking::Ours(lock) => Some(lock),
            Taking::Theirs(owner) => {
                assert_eq!(owner, format!("process {} on {}", process::id(), host::name()));
                None
            }
        }
    }

    #[test]
    fn a_lock_is_held_once_and_leaves_nothing() {
        let folder = TempDir::new().unwrap();
        let lock = is_ours(&folder).expect("the first takes it");
        assert!(is_ours(&folder).is_none());
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(is_ours(&folder).is_some());
    }

    #[test]
    fn a_file_that_nobody_holds_is_free() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(FILE), "process 1 on a machine that was copied from, with a long name").unwrap();
        let lock = is_ours(&folder).expect("it is free");
        let text = fs::read_to_string(lock.path()).unwrap();
        assert_eq!(text, format!("process {} on {}\n", process::id(), host::name()));
    }
}
