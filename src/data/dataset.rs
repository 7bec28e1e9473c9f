//! A data set in memory: training images and held-out images, with their labels.

use super::images::{ImageShape, Images};

/// Most classes of a data set. Networks have some weights for each; and a label has 16 bits.
pub const MAX_CLASSES: usize = 10_000;

/// Images with their manual labels, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The images.
    pub images: Images,
    /// A class index for each image, or none.
    pub labels: Vec<Option<u16>>,
    /// The path of each image if every image is a file; else empty.
    pub names: Vec<String>,
}

impl Split {
    /// Images without names, each with a label or none.
    pub fn new(images: Images, labels: Vec<Option<u16>>) -> Self {
        Self { images, labels, names: Vec::new() }
    }

    /// A split without images.
    pub fn empty(shape: ImageShape) -> Self {
        Self::new(Images { shape, pixels: Vec::new() }, Vec::new())
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The images at `indices`, in that order, with their labels.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn select(&self, indices: &[usize]) -> Self {
        let pixels = indices.iter().flat_map(|&index| self.images.image(index)).copied().collect();
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        let names = indices.iter().filter_map(|&index| self.names.get(index).cloned()).collect();
        Self { images: Images { shape: self.images.shape, pixels }, labels, names }
    }

    /// Adds the images of `other`, which must have the same shape, with their labels and names.
    pub fn append(&mut self, other: Self) {
        debug_assert_eq!(self.images.shape, other.images.shape);
        self.images.pixels.extend(other.images.pixels);
        self.labels.extend(other.labels);
        self.names.extend(other.names);
    }
}

/// A whole data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its name, as in the data specification.
    pub name: String,
    /// The name of every class; empty if nothing is labelled.
    pub class_names: Vec<String>,
    /// The training images.
    pub train: Split,
    /// The held-out images.
    pub test: Split,
    /// What `data inspect` should report: counts that differ from the publisher's, skipped pictures, a hold-out split.
    pub notes: Vec<String>,
}

/// Options for loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOptions {
    /// Seed of the hold-out split, which is made if the set has no test images.
    pub seed: u64,
    /// Shape for the pictures of a folder; named sets have a fixed shape.
    pub folder_shape: ImageShape,
    /// Whether corrupt pictures of a folder are skipped and noted; otherwise the first is an error.
    pub skip_bad: bool,
    /// Whether a picture of another size than `folder_shape` is an error, instead of resized.
    pub only_this_size: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { seed: 0, folder_shape: ImageShape { channels: 3, size: 32 }, skip_bad: false, only_this_size: false }
    }
}

/// What a parser found. If it found no test images, the caller holds out some of the others.
pub(super) struct Parts {
    pub class_names: Vec<String>,
    pub train: Split,
    pub test: Option<Split>,
    pub notes: Vec<String>,
}
