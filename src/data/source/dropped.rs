//! Files that someone has dropped on a page.

use std::collections::BTreeMap;

use crate::data::FileSet;
use crate::data::leftovers::leftover_part;

/// What someone has dropped: each content is what the caller reads a file from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dropped<T> {
    /// A single zip archive.
    Archive(T),
    /// Files and folders, named as the parser of a set looks for them.
    Files(BTreeMap<String, T>),
}

/// Dropped files as the parser of a set looks for them: pictures by their paths in the dropped folder, or in the only
/// dropped file if that is a zip archive; the files of named sets by their file names alone. A name that ends in `/` is
/// a folder's.
pub fn dropped<T>(mut files: BTreeMap<String, T>, set: FileSet, is_archive: impl FnOnce(&T) -> bool) -> Dropped<T> {
    if set != FileSet::Folder {
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let named = files.into_iter().filter(|(path, _)| !path.ends_with('/'));
        return Dropped::Files(named.map(|(path, content)| (last(&path), content)).collect());
    }
    let only = only_file(&files).filter(|path| is_archive(&files[*path])).map(str::to_owned);
    if let Some(archive) = only.and_then(|path| files.remove(&path)) {
        return Dropped::Archive(archive);
    }
    let top = common_folder(&files).len();
    let below = files.into_iter().map(|(path, content)| (path[top..].to_owned(), content));
    Dropped::Files(below.filter(|(path, _)| !path.is_empty()).collect())
}

/// The path of the only file, beside what systems leave behind.
fn only_file<T>(files: &BTreeMap<String, T>) -> Option<&str> {
    let mut own = files.keys().filter(|path| !path.ends_with('/') && leftover_part(path).is_none());
    own.next().filter(|_| own.next().is_none()).map(String::as_str)
}

/// The first folder of all paths with its `/`, if they share one; else nothing.
fn common_folder<T>(files: &BTreeMap<String, T>) -> &str {
    let first = files.keys().next().and_then(|path| path.split_inclusive('/').next()).unwrap_or_default();
    let is_common = first.ends_with('/') && files.keys().all(|path| path.starts_with(first));
    if is_common { first } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&'static str]) -> BTreeMap<String, &'static str> {
        paths.iter().map(|path| ((*path).to_owned(), *path)).collect()
    }

    fn names(paths: &[&'static str], set: FileSet) -> Vec<String> {
        match dropped(files(paths), set, |_| false) {
            Dropped::Files(files) => files.into_keys().collect(),
            Dropped::Archive(file) => panic!("{file} is taken for an archive"),
        }
    }

    #[test]
    fn the_dropped_folder_is_not_a_class() {
        let below = ["3.png", "cat/1.png", "dog/2.png"];
        assert_eq!(names(&["p/cat/1.png", "p/dog/2.png", "p/3.png"], FileSet::Folder), below);
        assert_eq!(names(&["3.png", "cat/1.png", "dog/2.png"], FileSet::Folder), below);
        assert_eq!(names(&["p/", "p/cat/", "p/1.png"], FileSet::Folder), ["1.png", "cat/"]);
        assert!(names(&[], FileSet::Folder).is_empty());
    }

    #[test]
    fn files_of_named_sets_may_lie_anywhere() {
        let found = names(&["a/", "a/b/data_batch_1.bin", "test_batch.bin"], FileSet::Cifar10);
        assert_eq!(found, ["data_batch_1.bin", "test_batch.bin"]);
    }

    #[test]
    fn a_single_archive_is_opened() {
        let is_zip = |path: &&str| path.ends_with(".zip");
        let opened = |paths: &[&'static str]| dropped(files(paths), FileSet::Folder, is_zip);
        assert_eq!(opened(&["set.zip", ".DS_Store"]), Dropped::Archive("set.zip"));
        assert_eq!(opened(&["p/", "p/set.zip"]), Dropped::Archive("p/set.zip"));
        assert!(matches!(opened(&["a.zip", "b.zip"]), Dropped::Files(files) if files.len() == 2));
        assert!(matches!(opened(&["a.png"]), Dropped::Files(_)));
    }
}
