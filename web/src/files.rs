//! Files that a visitor has dropped.

use std::collections::BTreeMap;

use slgan::data::{DataError, FileSet, Source, dropped};
use wasm_bindgen::prelude::wasm_bindgen;

/// Dropped files by their paths, with `/` between folders.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

#[wasm_bindgen]
impl Files {
    /// No files yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    pub fn add(&mut self, path: String, bytes: Vec<u8>) {
        self.0.insert(path, bytes);
    }
}

impl Files {
    /// The files in the form that a set's parser needs.
    ///
    /// # Errors
    /// If the only file is a zip archive that cannot be read.
    pub fn into_source(self, set: FileSet) -> Result<Box<dyn Source>, DataError> {
        dropped(self.0, set)
    }
}
