//! The judge in a file of its own: a residual classifier that learned all real labels of a data set.
//!
//! The judge of a run is small, because each run may have to train one. This one is trained once, for all evaluations of
//! a data set. It says itself how good it is, and its checksum names it in every score.

mod facts;
mod file;
mod residual_judge;
#[cfg(test)]
mod tests;
mod training;

pub use facts::{ImpossibleFacts, JudgeFacts};
pub use file::JudgeFileError;
pub use residual_judge::{Readings, ResidualJudge, class_of};
pub use training::{Recipe, train};
