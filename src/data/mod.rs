//! Data sets: parsers from bytes, and the drawn default.
//!
//! Nothing here touches a file: a [`Source`] gives bytes by name, so the same parsers serve a directory, files dropped
//! on a page and a test's map. Every parser checks its input to the last byte, because training on a shifted record or
//! a wrong label raises no error. It compares a size that a header claims with the bytes at hand before it allocates
//! memory.

pub mod catalogue;
mod cifar10;
mod dataset;
mod error;
mod folder;
pub mod glyphs;
mod holdout;
mod idx;
mod images;
mod leftovers;
mod matlab;
pub mod names;
pub mod numpy;
pub mod picture;
mod picture_names;
mod records;
mod source;
pub mod spec;
mod stl10;
mod svhn;
pub mod torch;
mod unpacking;

pub use catalogue::FileSet;
pub use dataset::{Dataset, LoadOptions, MAX_CLASSES, Split};
pub use error::DataError;
pub use images::{ImageShape, Images};
pub use leftovers::leftover;
pub use source::{Dropped, Listed, ListedKind, MemorySource, Source, ZipSource, dropped};
pub use spec::DataSpec;

use dataset::Parts;
use source::Files;

/// Loads a set from its files, the training files first, and checks each to its last byte.
///
/// If a set has no test images, a tenth of its images is held out.
///
/// # Errors
/// If a file is missing, unreadable, of the wrong kind or size, or has a wrong label. The error names the first.
pub fn load(set: FileSet, source: &dyn Source, options: &LoadOptions) -> Result<Dataset, DataError> {
    let files = Files::open(source, set.publisher_folder().unwrap_or_default())?;
    let Parts { class_names, train, test, mut notes } = match set {
        FileSet::Cifar10 => cifar10::load(&files)?,
        FileSet::Stl10 => stl10::load(&files)?,
        FileSet::Svhn => svhn::load(&files)?,
        FileSet::Mnist => idx::load(&files, &idx::DIGITS)?,
        FileSet::FashionMnist => idx::load(&files, &idx::FASHION)?,
        FileSet::Folder => folder::load(&files, options)?,
    };
    let (train, test) = match test {
        Some(test) => (train, test),
        None => {
            let parts = holdout::split(&train, options.seed);
            notes.extend(holdout::notes(&parts, &class_names, options.seed));
            parts
        }
    };
    Ok(Dataset { name: set.name().to_owned(), class_names, train, test, notes })
}
