//! Where bytes come from, and how a data set finds its files.

mod dropped;
mod files;
mod memory;
mod zip;

pub use dropped::{Dropped, dropped};
pub(super) use files::Files;
pub use memory::MemorySource;
pub use zip::ZipSource;

use super::error::DataError;

/// Bytes that tell a file's kind.
const HEAD: usize = 512;

/// A set of files that can be listed and read: a directory, an archive, dropped files, a map.
///
/// All names are printable, as [`shown`](super::names::shown) writes them: what a source lists is also shown to people.
pub trait Source {
    /// All files and folders, in any order. A folder needs no entry if something below it has one.
    ///
    /// # Errors
    /// [`DataError::Read`] with the system's message.
    fn list(&self) -> Result<Vec<Listed>, DataError>;

    /// The bytes of one file.
    ///
    /// # Errors
    /// [`DataError::Read`] with the file's name and the system's message; [`DataError::Picture`] if the name leads to no
    /// file, or its bytes are damaged.
    fn read(&self, name: &str) -> Result<Vec<u8>, DataError>;

    /// The first bytes of one file, enough to tell its kind.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn head(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let mut bytes = self.read(name)?;
        bytes.truncate(HEAD);
        Ok(bytes)
    }

    /// How large a file is, if that is known without reading it.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn size(&self, _name: &str) -> Result<Option<u64>, DataError> {
        Ok(None)
    }
}

/// What a source has under a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its path relative to the source, with `/` between the parts.
    pub path: String,
    /// What it is.
    pub kind: ListedKind,
}

/// What an entry of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedKind {
    /// A file that can be read, or at least seems to be one.
    File,
    /// A folder.
    Folder,
    /// Something that the source does not open, with the reason: `1 special (a FIFO, socket or device)`.
    LeftOut(&'static str),
}

impl Listed {
    /// A file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: ListedKind::File }
    }

    /// A folder.
    pub fn folder(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: ListedKind::Folder }
    }

    /// Something that is not opened.
    pub fn left_out(path: impl Into<String>, reason: &'static str) -> Self {
        Self { path: path.into(), kind: ListedKind::LeftOut(reason) }
    }
}
