//! The classes of a folder, and the class of each picture.

use std::collections::BTreeSet;

use super::layout::{Found, Layout};
use super::stylegan::{self, Labels};
use crate::data::{DataError, MAX_CLASSES, Split};

/// The classes of a folder.
pub(super) struct Classes<'a> {
    labels: &'a Labels,
    /// Class folders, sorted; empty if files have the labels.
    folders: Vec<&'a str>,
}

impl<'a> Classes<'a> {
    /// The classes of the pictures that are used: those of files with labels, or else their folders.
    ///
    /// # Errors
    /// If there are too many, or files have labels for some of the pictures only.
    pub fn of(layout: &Layout<'a>, labels: &'a Labels) -> Result<Self, DataError> {
        let pictures = || layout.splits.iter().flatten();
        let is_labelled = |found: &&Found| labels.of(found.path).is_some();
        let other = pictures().find(|found| !is_labelled(found));
        if let (Some(_), Some(other)) = (pictures().find(is_labelled), other) {
            let found = format!("none for {}", other.path);
            return Err(DataError::content(stylegan::FILE, "labels for every split", found));
        }
        let folders: BTreeSet<&str> = match other {
            Some(_) => pictures().filter_map(|found| found.class).collect(),
            None => BTreeSet::new(),
        };
        if folders.len() > MAX_CLASSES {
            return Err(DataError::TooManyClasses { found: folders.len() });
        }
        Ok(Self { labels, folders: folders.into_iter().collect() })
    }

    /// Whether files have the labels.
    pub fn are_in_files(&self) -> bool {
        self.folders.is_empty() && self.labels.classes() > 0
    }

    /// The label of a picture.
    pub fn label(&self, found: &Found) -> Option<u16> {
        self.labels.of(found.path).unwrap_or_else(|| {
            let index = self.folders.binary_search(&found.class?).expect("`folders` has every picture's class");
            Some(u16::try_from(index).expect("more than 10,000 classes were refused"))
        })
    }

    /// The names of the classes. A class folder of which no picture was loaded is none: the labels move up.
    pub fn names(&self, splits: &mut [Split; 2]) -> Vec<String> {
        if self.folders.is_empty() {
            return (0..self.labels.classes()).map(|label| label.to_string()).collect();
        }
        let used: BTreeSet<u16> = splits.iter().flat_map(|split| &split.labels).copied().flatten().collect();
        let used: Vec<u16> = used.into_iter().collect();
        for label in splits.iter_mut().flat_map(|split| &mut split.labels) {
            *label = label.and_then(|old| used.binary_search(&old).ok()).and_then(|new| u16::try_from(new).ok());
        }
        used.iter().map(|&label| self.folders[usize::from(label)].to_owned()).collect()
    }
}
