//! Run folders: their files, and how the program finds, creates, reads and mends them.

mod best;
mod care;
mod checkpoints;
mod events;
mod folder;
mod numbers;

pub use best::{Best, Schedule};
pub use folder::RunFolder;
