//! The files of one data set.

use super::{Listed, ListedKind, Source};
use crate::data::DataError;
use crate::data::picture::{LIMIT, PictureFault};

/// The files of one data set, at the top of a source or in the publisher's folder there.
pub struct Files<'a> {
    source: &'a dyn Source,
    /// The publisher's folder; empty if the set has none.
    pub folder: &'a str,
    /// All files, sorted, so that nothing depends on the order of a directory's entries.
    pub names: Vec<String>,
    /// The folders that have an entry of their own.
    pub folders: Vec<String>,
    /// What the source does not open, with the reasons.
    pub left_out: Vec<(String, &'static str)>,
}

impl<'a> Files<'a> {
    /// Lists the source once.
    pub fn open(source: &'a dyn Source, folder: &'a str) -> Result<Self, DataError> {
        let mut listed = source.list()?;
        listed.sort_unstable();
        let (mut names, mut folders, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for Listed { path, kind } in listed {
            match kind {
                ListedKind::File => names.push(path),
                ListedKind::Folder => folders.push(path),
                ListedKind::LeftOut(reason) => left_out.push((path, reason)),
            }
        }
        Ok(Self { source, folder, names, folders, left_out })
    }

    /// The path of the first of `choices` that exists.
    pub fn find(&self, choices: &[impl AsRef<str>]) -> Option<&str> {
        choices.iter().map(AsRef::as_ref).find_map(|choice| {
            let in_folder = format!("{}/{choice}", self.folder);
            self.names.iter().map(String::as_str).find(|&name| name == choice || name == in_folder)
        })
    }

    /// The path of the first of `choices` that exists, or an error that names the choices and the files that exist.
    pub fn require(&self, choices: &[impl AsRef<str>]) -> Result<&str, DataError> {
        self.find(choices).ok_or_else(|| DataError::Missing {
            wanted: choices.iter().map(|choice| choice.as_ref().to_owned()).collect(),
            present: self.names.clone(),
        })
    }

    /// The bytes of the file at `path`.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, DataError> {
        self.source.read(path)
    }

    /// The bytes of the picture at `path`. One that would take too much memory is not read at all.
    pub fn read_picture(&self, path: &str) -> Result<Vec<u8>, DataError> {
        match self.source.size(path)? {
            Some(bytes) if bytes > LIMIT => {
                let fault = PictureFault::LargeFile { bytes, limit: LIMIT };
                Err(DataError::Picture { file: path.to_owned(), fault })
            }
            _ => self.read(path),
        }
    }

    /// The first bytes of the file at `path`.
    pub fn head(&self, path: &str) -> Result<Vec<u8>, DataError> {
        self.source.head(path)
    }
}
