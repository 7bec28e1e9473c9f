//! The features of a set of images, collected in parts.

use crate::train::judge::residual::Readings;

/// What an extractor made of images, with their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSet {
    /// Features of an image.
    pub dim: usize,
    /// Logits of an image.
    pub classes: usize,
    /// `[count, dim]`, row by row.
    pub features: Vec<f32>,
    /// `[count, classes]`, row by row.
    pub logits: Vec<f32>,
    /// The label of each image, if it has one.
    pub labels: Vec<Option<usize>>,
}

impl FeatureSet {
    /// A set without images.
    pub fn new(dim: usize, classes: usize) -> Self {
        Self { dim, classes, features: Vec::new(), logits: Vec::new(), labels: Vec::new() }
    }

    /// Adds images.
    ///
    /// # Panics
    /// If there are not as many labels as rows.
    pub fn extend(&mut self, readings: Readings, labels: impl IntoIterator<Item = Option<usize>>) {
        self.features.extend(readings.features);
        self.logits.extend(readings.logits);
        self.labels.extend(labels);
        assert_eq!(self.features.len(), self.labels.len() * self.dim, "every image has features and a label or none");
    }

    /// How many images there are.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The features of the images at `indices`, row by row.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn features_at(&self, indices: &[usize]) -> Vec<f32> {
        rows_at(&self.features, self.dim, indices)
    }

    /// The logits of the images at `indices`, row by row.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn logits_at(&self, indices: &[usize]) -> Vec<f32> {
        rows_at(&self.logits, self.classes, indices)
    }
}

fn rows_at(rows: &[f32], width: usize, indices: &[usize]) -> Vec<f32> {
    indices.iter().flat_map(|&index| &rows[index * width..][..width]).copied().collect()
}
