//! Training: tasks, steps, the loop around them, the events that it emits, and checkpoints.

mod batch_sampler;
pub mod bundle;
pub mod chain;
pub mod checkpoint;
mod error;
pub mod evaluation;
pub mod event;
pub mod exchange;
mod figures;
pub mod generation;
mod header;
mod inputs;
pub mod judge;
pub mod label_table;
pub mod onnx;
mod optimizer;
mod run;
mod schedule;
pub mod seal;
pub mod shell;
pub mod state;
mod step;
pub mod streams;
mod subject;
mod table_error;
pub mod task;
pub mod tensors;
mod together;
mod watch;

pub use error::TrainError;
pub use inputs::{Draws, InputMaker, LabelledLatents, RealImages};
pub use run::{Outcome, train, train_together};
pub use step::{Generated, PhaseGradients, Replay, StepInputs, StepResult, Stepper, UpdateInputs};
pub use table_error::LabelTableError;
