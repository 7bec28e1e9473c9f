//! Where bytes come from, and how a data set finds its files.

use std::collections::BTreeMap;

use super::catalogue::FileSet;
use super::error::DataError;

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

impl MemorySource {
    /// Files that someone has dropped on a page, named as the parser of a set looks for them: pictures by their paths
    /// in the dropped folder, and the files of named sets by their file names alone.
    pub fn dropped(files: BTreeMap<String, Vec<u8>>, set: FileSet) -> Self {
        let top = common_folder(&files).len();
        let name = |path: &str| match set {
            FileSet::Folder => path[top..].to_owned(),
            _ => path.rsplit('/').next().unwrap_or(path).to_owned(),
        };
        Self(files.into_iter().map(|(path, bytes)| (name(&path), bytes)).collect())
    }
}

/// The first folder of all paths with its `/`, if they share one; else nothing.
fn common_folder(files: &BTreeMap<String, Vec<u8>>) -> &str {
    let first = files.keys().next().and_then(|path| path.split_inclusive('/').next()).unwrap_or_default();
    let is_common = first.ends_with('/') && files.keys().all(|path| path.starts_with(first));
    if is_common { first } else { "" }
}

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
    /// The publisher's folder; empty if the set has none.
    pub folder: &'a str,
    /// All names, sorted, so that nothing depends on the order of a directory's entries.
    pub names: Vec<String>,
}

impl<'a> Files<'a> {
    /// Lists the source once.
    pub fn open(source: &'a dyn Source, folder: &'a str) -> Result<Self, DataError> {
        let mut names = source.list()?;
        names.sort_unstable();
        Ok(Self { source, folder, names })
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&str], set: FileSet) -> Vec<String> {
        let files = paths.iter().map(|path| ((*path).to_owned(), Vec::new())).collect();
        MemorySource::dropped(files, set).0.into_keys().collect()
    }

    #[test]
    fn the_dropped_folder_is_not_a_class() {
        let below = ["3.png", "cat/1.png", "dog/2.png"];
        assert_eq!(names(&["p/cat/1.png", "p/dog/2.png", "p/3.png"], FileSet::Folder), below);
        assert_eq!(names(&["3.png", "cat/1.png", "dog/2.png"], FileSet::Folder), below);
        assert_eq!(names(&[], FileSet::Folder), Vec::<String>::new());
    }

    #[test]
    fn files_of_named_sets_may_lie_anywhere() {
        let found = names(&["a/b/data_batch_1.bin", "test_batch.bin"], FileSet::Cifar10);
        assert_eq!(found, ["data_batch_1.bin", "test_batch.bin"]);
    }
}
