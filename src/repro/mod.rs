//! The reproducibility suite: it shows whether two platforms compute the same thing.
//!
//! [`run`] executes a [`Suite`] on one device and makes a [`report`]. It neither reads clocks nor knows its
//! surroundings: a shell describes the environment and shows the progress. [`compare`] says whether reports agree, and
//! where they part. `docs/reproducibility.md` says what the layers promise.

pub mod compare;
mod error;
mod exact;
mod fault;
mod kernels;
mod libraries;
mod progress;
pub mod report;
mod run;
mod settings;
mod shaders;
mod strict;
mod suite;
mod tasks;
mod training;

pub use error::SuiteError;
pub use fault::Fault;
pub use libraries::libraries;
pub use progress::{Layer, Progress, SuiteShell};
pub use run::{run, run_with_fault};
pub use shaders::shader_hashes;
pub use suite::Suite;
