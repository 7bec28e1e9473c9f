//! Where bytes come from, and how a data set finds its files among them.

use std::collections::BTreeMap;

use super::DataError;

/// A set of files that can be listed and read: a directory, dropped files, a map.
pub trait Source {
    /// The names of all files, as paths relative to the source with `/` between their parts, in any order.
    ///
    /// # Errors
    /// [`DataError::Read`] with the system's message.
    fn list(&self) -> Result<Vec<String>, DataError>;

    /// The bytes of one file.
    ///
    /// # Errors
    /// [`DataError::Read`] with the file's name and the system's message.
    fn read(&self, name: &str) -> Result<Vec<u8>, DataError>;
}

/// Files in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySource(pub BTreeMap<String, Vec<u8>>);

impl Source for MemorySource {
    fn list(&self) -> Result<Vec<String>, DataError> {
        Ok(self.0.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let missing = || DataError::Read { file: name.to_owned(), message: "no such file".to_owned() };
        self.0.get(name).cloned().ok_or_else(missing)
    }
}

/// The files of one data set, at the top of a source or in the publisher's folder there.
pub(super) struct Files<'a> {
    source: &'a dyn Source,
    folder: &'a str,
    /// All names, sorted, so that nothing depends on the order in which a directory is read.
    pub names: Vec<String>,
}

impl<'a> Files<'a> {
    /// Lists the source once.
    pub fn open(source: &'a dyn Source, folder: &'a str) -> Result<Self, DataError> {
        let mut names = source.list()?;
        names.sort_unstable();
        Ok(Self { source, folder, names })
    }

    /// The path of the first of `choices` that is there.
    pub fn find(&self, choices: &[impl AsRef<str>]) -> Option<&str> {
        choices.iter().map(AsRef::as_ref).find_map(|choice| {
            let in_folder = format!("{}/{choice}", self.folder);
            self.names.iter().map(String::as_str).find(|&name| name == choice || name == in_folder)
        })
    }

    /// The path of the first of `choices` that is there, or an error that tells what was looked for and what is there.
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
}
