//! Files and folders of the repository, by their paths from its root.

use std::fs;
use std::path::Path;

/// The text of a file.
pub fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder with a file name ending, sorted by path.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (path, is_folder) in entries(folder) {
        if is_folder {
            found.extend(files(&path, ending));
        } else if path.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// A folder and the folders below it, except those with ignored names.
pub fn folders(folder: &str, ignored: &[&str]) -> Vec<String> {
    let mut found = vec![folder.to_owned()];
    for (path, is_folder) in entries(folder) {
        if is_folder && !ignored.iter().any(|name| path.ends_with(&format!("/{name}"))) {
            found.extend(folders(&path, ignored));
        }
    }
    found
}

/// The entries of a folder, and whether each is a folder.
fn entries(folder: &str) -> Vec<(String, bool)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut all: Vec<(String, bool)> = entries
        .map(|entry| {
            let entry = entry.unwrap_or_else(|error| panic!("{folder}: {error}"));
            (format!("{folder}/{}", entry.file_name().to_string_lossy()), entry.path().is_dir())
        })
        .collect();
    all.sort();
    all
}
