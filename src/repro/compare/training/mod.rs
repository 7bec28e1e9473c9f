//! The layer of training: runs, step by step, in the order of computation.

mod decisions;
mod excuse;
mod images;
mod losses;
mod run;
mod tensors;
mod tolerances;

pub use run::items;
