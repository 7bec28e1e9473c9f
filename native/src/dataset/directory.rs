//! The files below a directory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use slgan::data::picture::PictureFault;
use slgan::data::{DataError, Listed, Source, leftover, names};

/// Bytes that tell a file's kind.
const HEAD: u64 = 512;

/// The files below a directory. Its names are printable; it remembers the real path of each.
///
/// Links to folders are followed, but not back to a folder around them. Only regular files are ever opened: a FIFO would
/// block.
#[derive(Debug)]
pub struct Directory {
    listed: Vec<Listed>,
    paths: BTreeMap<String, PathBuf>,
}

/// What is collected on the way through a directory.
struct Walk {
    found: Directory,
    /// The folders on the way, to stop at circular links.
    around: Vec<PathBuf>,
}

impl Directory {
    /// Lists everything below a folder, except what is in the folders that systems and tools leave behind.
    ///
    /// # Errors
    /// If a folder cannot be read; the error names it.
    pub fn open(root: &Path) -> Result<Self, DataError> {
        let mut walk = Walk { found: Self { listed: Vec::new(), paths: BTreeMap::new() }, around: Vec::new() };
        walk.folder(root, "")?;
        Ok(walk.found)
    }

    fn path(&self, name: &str) -> Result<&PathBuf, DataError> {
        let missing = || DataError::Read { file: name.to_owned(), message: "no such file".to_owned() };
        self.paths.get(name).ok_or_else(missing)
    }

    /// What reading gives, or why it fails.
    fn opened<T>(&self, name: &str, read: impl FnOnce(&Path) -> io::Result<T>) -> Result<T, DataError> {
        let path = self.path(name)?;
        read(path).map_err(|error| match dead_link(path, &error) {
            Some(target) => DataError::Picture { file: name.to_owned(), fault: PictureFault::DeadLink { target } },
            None => failed(name, &error),
        })
    }
}

impl Walk {
    fn folder(&mut self, folder: &Path, name: &str) -> Result<(), DataError> {
        let failed = |error: io::Error| failed(if name.is_empty() { "the folder itself" } else { name }, &error);
        let real = fs::canonicalize(folder).map_err(failed)?;
        if self.around.contains(&real) {
            self.found.listed.push(Listed::left_out(name, "linked back to a folder around it"));
            return Ok(());
        }
        self.around.push(real);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let own = names::shown(entry.file_name().as_encoded_bytes());
            let inner = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            self.entry(entry.path(), &own, inner)?;
        }
        self.around.pop();
        if !name.is_empty() {
            self.found.listed.push(Listed::folder(name));
        }
        Ok(())
    }

    /// Adds what is at a path, whose last part is shown as `own` and all of it as `name`.
    fn entry(&mut self, path: PathBuf, own: &str, name: String) -> Result<(), DataError> {
        let is_left_over = leftover(own).is_some();
        match fs::metadata(&path) {
            // What is in such a folder needs no look, and often cannot be read.
            Ok(metadata) if metadata.is_dir() && is_left_over => self.found.listed.push(Listed::folder(name)),
            Ok(metadata) if metadata.is_dir() => self.folder(&path, &name)?,
            Ok(metadata) if !metadata.is_file() => {
                self.found.listed.push(Listed::left_out(name, "special (a FIFO, socket or device)"));
            }
            Err(error) if !is_left_over && dead_link(&path, &error).is_none() => return Err(failed(&name, &error)),
            // Reading a link to nothing says what it is.
            Ok(_) | Err(_) => {
                self.found.listed.push(Listed::file(name.clone()));
                self.found.paths.insert(name, path);
            }
        }
        Ok(())
    }
}

impl Source for Directory {
    fn list(&self) -> Result<Vec<Listed>, DataError> {
        Ok(self.listed.clone())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        self.opened(name, |path| fs::read(path))
    }

    fn size(&self, name: &str) -> Result<Option<u64>, DataError> {
        self.opened(name, |path| Ok(Some(fs::metadata(path)?.len())))
    }

    fn head(&self, name: &str) -> Result<Vec<u8>, DataError> {
        self.opened(name, |path| {
            let mut head = Vec::new();
            File::open(path)?.take(HEAD).read_to_end(&mut head)?;
            Ok(head)
        })
    }
}

fn failed(name: &str, error: &io::Error) -> DataError {
    DataError::Read { file: name.to_owned(), message: error.to_string() }
}

/// Where a link leads, if there is nothing, or only the link itself; none if the error has another reason.
fn dead_link(path: &Path, error: &io::Error) -> Option<String> {
    if error.kind() == io::ErrorKind::PermissionDenied {
        return None;
    }
    fs::read_link(path).ok().map(|target| names::printable(&target.to_string_lossy()))
}
