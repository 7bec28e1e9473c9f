//! NumPy's files: arrays (`.npy`), and archives of them (`.npz`).
//!
//! They are how other programs hand over images and statistics. An array is read as far as its header and its bytes
//! agree, and no claim of a header allocates memory.

mod archive;
mod array;
mod images;

pub use archive::{ArchiveWriter, ArrayArchive};
pub use array::{Array, ArrayHeader};
pub use images::{ArrayImages, ImageBatch};
