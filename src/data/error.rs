//! Errors of data sets.
//!
//! A message is complete: it names the file, what was expected and what was found.

use super::dataset::MAX_CLASSES;
use super::images::ImageShape;
use super::names::first_of;
use super::picture::PictureFault;
use super::picture_names::EXTENSIONS;

/// Why a data set could not be loaded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DataError {
    /// The source could not list or read a file.
    #[error("{file}: {message}")]
    Read {
        /// The file, or what was listed.
        file: String,
        /// The operating system's or browser's message.
        message: String,
    },
    /// A required file is missing under all of its accepted names.
    #[error("looked for {}; found {}", listed(.wanted, " or "), listed(.present, ", "))]
    Missing {
        /// The accepted names.
        wanted: Vec<String>,
        /// What is there instead.
        present: Vec<String>,
    },
    /// A file has the wrong size, kind or structure.
    #[error("{file}: expected {expected}, found {found}")]
    Content {
        /// The file.
        file: String,
        /// What it should contain.
        expected: String,
        /// What it contains.
        found: String,
    },
    /// A label is outside the range of the format.
    #[error("{file}: record {record} (counted from 0) has label {value}; expected {low} to {high}")]
    Label {
        /// The file.
        file: String,
        /// Index of the record in the file, from 0.
        record: usize,
        /// The label as stored.
        value: f64,
        /// The lowest allowed label.
        low: u8,
        /// The highest allowed label.
        high: u8,
    },
    /// A picture cannot be decoded.
    #[error("{file}: not a readable picture: {fault}")]
    Picture {
        /// The file.
        file: String,
        /// What is wrong with it.
        fault: PictureFault,
    },
    /// A folder contains no pictures.
    #[error("no pictures ({}); found {}", EXTENSIONS.join(", "), listed(.present, ", "))]
    NoPictures {
        /// What is there instead.
        present: Vec<String>,
    },
    /// All pictures of a folder are held out.
    #[error("only held-out pictures, in {}; expected pictures for training beside them, in train/", first_of(.held_out, ", "))]
    OnlyHeldOut {
        /// The folders that they are in.
        held_out: Vec<String>,
    },
    /// A zip archive cannot be read.
    #[error("not a readable zip archive: {0}")]
    Zip(String),
    /// A set has more classes than are supported.
    #[error("{found} classes; at most {MAX_CLASSES} are supported")]
    TooManyClasses {
        /// How many there are.
        found: usize,
    },
    /// The caller asked for pictures of an impossible shape.
    #[error("pictures can have 1 or 3 channels and at least 1 pixel; requested: {0:?}")]
    Shape(ImageShape),
}

impl DataError {
    /// The error for a file of the wrong size, kind or structure.
    pub(super) fn content(file: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Content { file: file.to_owned(), expected: expected.into(), found: found.into() }
    }
}

/// The names that were found, if any.
fn listed(names: &[String], separator: &str) -> String {
    if names.is_empty() { "no files".to_owned() } else { first_of(names, separator) }
}
