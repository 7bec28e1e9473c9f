//! Reports of the suite: what each field means, how a report becomes a file, and how a file is read.
//!
//! A report is one JSON object. Its field `seal` is the last one, and is the SHA-256 of the text with zeros in its own
//! place, so that a report that was edited shows. A number that is NaN or infinite is null, because JSON has neither.
//! Measured numbers have nine significant digits ([`short`]); what is compared bit by bit is a hash, or bits. Any
//! change of these types needs a new [`SCHEMA`]. A file may also be compressed with gzip, which is no other schema.

mod environment;
mod error;
mod exact;
mod file;
mod kernels;
mod number;
mod packed;
mod schema;
mod training;

pub use environment::{Backend, DeviceFacts, Environment, Shell, SystemFacts};
pub use error::ReportError;
pub use exact::ExactItem;
pub use file::Report;
pub use kernels::{Direction, Errors, KernelResult, KernelsLayer};
pub use number::{Number, short};
pub use schema::SCHEMA;
pub use training::{
    Course, DecisionRecord, Distance, FinalImages, GroupDigests, GroupDistance, Growth, GrowthStep, Losses, Parting,
    Phase, PhaseDigests, Repeat, StepDigests, StepRecord, TensorDigest, TrainingRun,
};

#[cfg(test)]
mod tests;
