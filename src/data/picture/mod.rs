//! Pictures: what a file contains, whether it is whole, and decoding one to a square within a bound of memory.
//!
//! The content of a file decides, never its name.

mod decode;
mod fault;
mod gif;
mod jpeg;
mod memory;
mod shrink;
mod sniff;
mod webp;

pub use decode::{check_size, decode, decode_within};
pub use fault::PictureFault;
pub use memory::LIMIT;
pub use sniff::{Format, Kind, sniff};
