//! Which artificial labels belong to which manual class.

use serde::{Deserialize, Serialize};

/// `K = classes * per_class` artificial labels; class `c` owns `c * per_class .. (c + 1) * per_class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    /// Manual classes.
    pub classes: usize,
    /// Artificial labels per class.
    pub per_class: usize,
}

/// `K` is not a multiple of the number of classes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "latent.artificial_labels: expected a multiple of the {classes} classes (manual labels are used); found {labels}"
)]
pub struct UnevenCells {
    labels: usize,
    classes: usize,
}

impl Cells {
    /// Divides `labels` artificial labels among `classes` classes.
    ///
    /// # Errors
    /// If `labels` is not a multiple of `classes`.
    pub fn new(labels: usize, classes: usize) -> Result<Self, UnevenCells> {
        if classes == 0 || labels == 0 || !labels.is_multiple_of(classes) {
            return Err(UnevenCells { labels, classes });
        }
        Ok(Self { classes, per_class: labels / classes })
    }

    /// The class that owns an artificial label.
    pub fn class_of(&self, label: usize) -> usize {
        label / self.per_class
    }

    /// The artificial labels of a class.
    pub fn labels_of(&self, class: usize) -> std::ops::Range<usize> {
        class * self.per_class..(class + 1) * self.per_class
    }
}
