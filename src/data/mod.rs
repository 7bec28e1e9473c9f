//! Data sets: parsers from bytes, and the drawn default.
//!
//! Nothing here touches a file: a [`Source`] hands over bytes by name, so the same parsers serve a directory, a
//! browser's dropped files and a test's map. Every parser checks what it reads to the last byte, because a shifted
//! record or a wrong label trains without complaint. A size that a header claims is compared with the bytes that are
//! there before anything is allocated for it.

mod cifar10;
mod error;
mod folder;
pub mod glyphs;
mod holdout;
mod idx;
mod matlab;
pub mod picture;
mod records;
mod source;
pub mod spec;
mod stl10;
mod svhn;

pub use error::DataError;
pub use source::{MemorySource, Source};
pub use spec::{DataSpec, FileSet};

use std::fmt;

use serde::{Deserialize, Serialize};
use source::Files;

/// Channels and side length of square images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageShape {
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// Height and width in pixels.
    pub size: usize,
}

impl ImageShape {
    /// Bytes of one image.
    pub fn bytes(self) -> usize {
        self.channels * self.size * self.size
    }
}

impl fmt::Display for ImageShape {
    /// `3x32x32`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{1}x{1}", self.channels, self.size)
    }
}

/// Images as bytes, `[count, channels, size, size]`, planes row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Shape of every image.
    pub shape: ImageShape,
    /// All pixels, 0 to 255.
    pub pixels: Vec<u8>,
}

impl Images {
    /// How many images there are.
    pub fn count(&self) -> usize {
        self.pixels.len() / self.shape.bytes()
    }

    /// The pixels of image `index`, `[channels, size, size]`.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.shape.bytes();
        &self.pixels[index * bytes..][..bytes]
    }

    /// Swaps rows and columns in every plane, for publishers that store columns first.
    fn transpose(&mut self) {
        let size = self.shape.size;
        for plane in self.pixels.chunks_exact_mut(size * size) {
            for row in 1..size {
                for column in 0..row {
                    plane.swap(row * size + column, column * size + row);
                }
            }
        }
    }
}

/// Images with their manual labels, where there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The images.
    pub images: Images,
    /// A class index for each image, or none.
    pub labels: Vec<Option<u8>>,
    /// The path of each image, where images are files of their own; else empty.
    pub names: Vec<String>,
}

impl Split {
    /// Images without names, with a label or none for each.
    pub fn new(images: Images, labels: Vec<Option<u8>>) -> Self {
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

    /// Adds the images of `other`, which have the same shape, and names where these have some.
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
    /// The name of every class; empty where nothing is labelled.
    pub class_names: Vec<String>,
    /// What is trained on.
    pub train: Split,
    /// What is held out.
    pub test: Split,
    /// What `data inspect` should tell: counts that differ from the publisher's, skipped pictures, a hold-out split.
    pub notes: Vec<String>,
}

/// What a caller may choose about loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOptions {
    /// Seed of the hold-out split, where the set has no test images.
    pub seed: u64,
    /// What the pictures of a folder are brought to; the named sets have a shape of their own.
    pub folder_shape: ImageShape,
    /// Whether corrupt pictures of a folder are skipped and noted; else the first one is an error.
    pub skip_bad: bool,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { seed: 0, folder_shape: ImageShape { channels: 3, size: 32 }, skip_bad: false }
    }
}

/// What a parser found; [`load`] completes it to a [`Dataset`].
struct Parts {
    class_names: Vec<String>,
    train: Split,
    test: Option<Split>,
    notes: Vec<String>,
}

/// Loads a set from its files: the training files first, each checked to its last byte.
///
/// A set without test images has a tenth of its images held out.
///
/// # Errors
/// A [`DataError`] that names the first file that is missing, unreadable, of a wrong kind or size, or wrongly labelled.
pub fn load(set: FileSet, source: &dyn Source, options: &LoadOptions) -> Result<Dataset, DataError> {
    let files = Files::open(source, set.publisher_folder().unwrap_or_default())?;
    let parts = match set {
        FileSet::Cifar10 => cifar10::load(&files)?,
        FileSet::Stl10 => stl10::load(&files)?,
        FileSet::Svhn => svhn::load(&files)?,
        FileSet::Mnist => idx::load(&files, &idx::DIGITS)?,
        FileSet::FashionMnist => idx::load(&files, &idx::FASHION)?,
        FileSet::Folder => folder::load(&files, options)?,
    };
    let mut notes = parts.notes;
    let (train, test) = match parts.test {
        Some(test) => (parts.train, test),
        None => {
            let (train, test) = holdout::split(&parts.train, options.seed);
            let (held_out, all) = (test.len(), parts.train.len());
            notes.push(format!("no test images: {held_out} of {all} images are held out (seed {})", options.seed));
            (train, test)
        }
    };
    Ok(Dataset { name: set.name().to_owned(), class_names: parts.class_names, train, test, notes })
}
