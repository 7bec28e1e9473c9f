//! The data sets that the page offers: the library's catalogue, with what a visitor needs to know about their files.

use serde_json::{Value, json};
use slgan::data::FileSet;
use slgan::data::catalogue::{CATALOGUE, Entry};
use wasm_bindgen::prelude::wasm_bindgen;

const IDX_HINT: &str = "Drop the four files here, or choose them: train-images-idx3-ubyte and so on, .gz or not.";
const IDX_FILES: &[&str] = &["train-images", "train-labels", "t10k-images", "t10k-labels"];

/// The data sets that the page offers, as a JSON list of `name`, `title`, `kind`, `hint`, `files` and `labels`.
///
/// `kind` is `drawn`, `files` or `pictures`. `hint` says which files to drop, and `files` has the beginnings of their
/// names. `labels` is the share of manual labels that shows the method at its best.
#[wasm_bindgen]
pub fn data_sets() -> String {
    Value::Array(CATALOGUE.iter().filter_map(offer).collect()).to_string()
}

/// The page's entry for a set, if it offers the set.
fn offer(entry: &Entry) -> Option<Value> {
    let (kind, hint, files, labels): (&str, &str, &[&str], &str) = match entry.set {
        None => ("drawn", "", &[], "0.01"),
        Some(FileSet::Cifar10) => (
            "files",
            "Drop the binary version here, or choose it: data_batch_1.bin and so on, or cifar-10-binary.tar.gz.",
            &["data_batch_", "test_batch.bin", "cifar-10-binary.tar.gz"],
            "0.1",
        ),
        Some(FileSet::Mnist | FileSet::FashionMnist) => ("files", IDX_HINT, IDX_FILES, "0.01"),
        Some(FileSet::Folder) => (
            "pictures",
            "Drop a folder or a .zip here, or choose it. It has one folder per class, and may have train and test folders \
             around them or labels in a dataset.json.",
            &[],
            "given",
        ),
        // STL-10 does not fit into a module's memory, and SVHN has not been tried there.
        Some(FileSet::Stl10 | FileSet::Svhn) => return None,
    };
    let (name, title) = (entry.name, entry.title);
    Some(json!({ "name": name, "title": title, "kind": kind, "hint": hint, "files": files, "labels": labels }))
}
