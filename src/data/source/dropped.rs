//! Files that someone has dropped on a page.

use std::collections::BTreeMap;
use std::io::Cursor;

use super::{MemorySource, Source, ZipSource};
use crate::data::leftovers::leftover_part;
use crate::data::picture::{Kind, sniff};
use crate::data::{DataError, FileSet};

/// Dropped files as the parser of a set looks for them: pictures by their paths in the dropped folder, or in the only
/// dropped file if that is a zip archive; the files of named sets by their file names alone.
///
/// # Errors
/// If the only file is a zip archive that cannot be read.
pub fn dropped(files: BTreeMap<String, Vec<u8>>, set: FileSet) -> Result<Box<dyn Source>, DataError> {
    if set != FileSet::Folder {
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        return Ok(Box::new(MemorySource(files.into_iter().map(|(path, bytes)| (last(&path), bytes)).collect())));
    }
    if let Some(archive) = only_archive(&files) {
        return Ok(Box::new(ZipSource::open(Cursor::new(archive.to_vec()))?));
    }
    let top = common_folder(&files).len();
    let below = files.into_iter().map(|(path, bytes)| (path[top..].to_owned(), bytes));
    Ok(Box::new(MemorySource(below.filter(|(path, _)| !path.is_empty()).collect())))
}

/// The only file, beside what systems leave behind, if it is a zip archive.
fn only_archive(files: &BTreeMap<String, Vec<u8>>) -> Option<&[u8]> {
    let mut own = files.iter().filter(|(path, _)| !path.ends_with('/') && leftover_part(path).is_none());
    let (_, bytes) = own.next()?;
    (own.next().is_none() && sniff(bytes) == Kind::Other("a zip archive")).then_some(bytes)
}

/// The first folder of all paths with its `/`, if they share one; else nothing.
fn common_folder(files: &BTreeMap<String, Vec<u8>>) -> &str {
    let first = files.keys().next().and_then(|path| path.split_inclusive('/').next()).unwrap_or_default();
    let is_common = first.ends_with('/') && files.keys().all(|path| path.starts_with(first));
    if is_common { first } else { "" }
}

#[cfg(test)]
mod tests {
    use super::super::Listed;
    use super::*;

    fn names(paths: &[&str], set: FileSet) -> Vec<Listed> {
        let files = paths.iter().map(|path| ((*path).to_owned(), Vec::new())).collect();
        dropped(files, set).unwrap().list().unwrap()
    }

    #[test]
    fn the_dropped_folder_is_not_a_class() {
        let below = ["3.png", "cat/1.png", "dog/2.png"].map(Listed::file);
        assert_eq!(names(&["p/cat/1.png", "p/dog/2.png", "p/3.png"], FileSet::Folder), below);
        assert_eq!(names(&["3.png", "cat/1.png", "dog/2.png"], FileSet::Folder), below);
        assert_eq!(
            names(&["p/", "p/cat/", "p/1.png"], FileSet::Folder),
            [Listed::file("1.png"), Listed::folder("cat")]
        );
        assert!(names(&[], FileSet::Folder).is_empty());
    }

    #[test]
    fn files_of_named_sets_may_lie_anywhere() {
        let found = names(&["a/b/data_batch_1.bin", "test_batch.bin"], FileSet::Cifar10);
        assert_eq!(found, ["data_batch_1.bin", "test_batch.bin"].map(Listed::file));
    }

    #[test]
    fn a_single_archive_is_opened() {
        let empty_archive = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
        let files = |paths: &[&str]| paths.iter().map(|path| ((*path).to_owned(), empty_archive.clone())).collect();
        assert_eq!(dropped(files(&["set.zip", ".DS_Store"]), FileSet::Folder).unwrap().list(), Ok(Vec::new()));
        assert_eq!(dropped(files(&["a.zip", "b.zip"]), FileSet::Folder).unwrap().list().unwrap().len(), 2);
    }
}
