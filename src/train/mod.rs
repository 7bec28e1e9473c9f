//! Training: configuration, one step, the loop around it, and what it tells the shell.

pub mod bundle;
pub mod checkpoint;
pub mod evaluation;
pub mod event;
mod inputs;
pub mod judge;
mod optimizer;
mod run;
mod sampler;
pub mod sampling;
mod schedule;
pub mod shell;
pub mod state;
mod step;
pub mod task;
mod watch;

pub use inputs::InputMaker;
pub use run::{Outcome, TrainError, train};
pub use step::{StepResult, Stepper};
