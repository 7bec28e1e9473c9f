//! Loads pictures one by one, and keeps count of bad ones.

use std::collections::BTreeMap;

use super::classes::Classes;
use super::layout::Found;
use crate::data::source::Files;
use crate::data::{DataError, LoadOptions, Split, picture};

/// Loads pictures.
pub(super) struct Loader<'a> {
    files: &'a Files<'a>,
    options: &'a LoadOptions,
    bad: Vec<DataError>,
}

impl<'a> Loader<'a> {
    /// Loads from these files.
    pub fn new(files: &'a Files<'a>, options: &'a LoadOptions) -> Self {
        Self { files, options, bad: Vec::new() }
    }

    /// Loads pictures with their labels.
    ///
    /// # Errors
    /// If a file cannot be read, or a picture is bad and bad ones are not skipped.
    pub fn load(&mut self, pictures: &[Found], classes: &Classes) -> Result<Split, DataError> {
        let mut split = Split::empty(self.options.folder_shape);
        for found in pictures {
            let path = found.path;
            let bytes = self.files.read_picture(path);
            match bytes.and_then(|bytes| self.decode(path, &bytes)) {
                Ok(pixels) => {
                    split.images.pixels.extend(pixels);
                    split.names.push(path.to_owned());
                    split.labels.push(classes.label(found));
                }
                Err(bad @ DataError::Picture { .. }) if self.options.skip_bad => self.bad.push(bad),
                Err(error) => return Err(error),
            }
        }
        Ok(split)
    }

    fn decode(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, DataError> {
        let LoadOptions { folder_shape, only_this_size, .. } = *self.options;
        if only_this_size {
            picture::check_size(path, bytes, folder_shape.size)?;
        }
        picture::decode(path, bytes, folder_shape)
    }

    /// The first bad picture.
    pub fn first_bad(&self) -> Option<&DataError> {
        self.bad.first()
    }

    /// How many bad pictures were skipped, by reason.
    pub fn note(&self) -> Option<String> {
        let first = self.bad.first()?;
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for bad in &self.bad {
            if let DataError::Picture { fault, .. } = bad {
                *reasons.entry(fault.reason()).or_default() += 1;
            }
        }
        let counts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        Some(format!("corrupt pictures skipped: {} ({}), the first {first}", self.bad.len(), counts.join(", ")))
    }
}
