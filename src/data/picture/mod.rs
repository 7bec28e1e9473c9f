//! Pictures: what a file contains, and decoding one picture to a square of a given size and number of channels.
//!
//! The content of a file decides, never its name.

mod decode;
mod fault;
mod sniff;

pub use decode::decode;
pub use fault::PictureFault;
pub use sniff::{Format, Kind, sniff};
