//! The steps of a run: whole or in shards.

use super::StepResult;
use super::replay::Replay;
use super::sharded::Sharded;
use super::stepper::Stepper;
use crate::train::error::TrainError;
use crate::train::exchange::{Exchange, Shards};
use crate::train::state::State;

/// How a run takes its steps.
#[derive(Debug)]
pub enum Steps<'a, E> {
    /// With whole batches, in this process. A device that can repeat steps does so.
    Whole(Box<Replay<'a>>),
    /// With batches in shards, in one process or several.
    Sharded(Box<Sharded<'a, E>>),
}

impl<'a, E: Exchange> Steps<'a, E> {
    /// The steps of a stepper whose batches have so many shards.
    ///
    /// # Errors
    /// If the ranks cannot have equally many shards.
    pub fn new(stepper: Stepper<'a>, exchange: &'a E, shards: usize) -> Result<Self, TrainError> {
        let shards = Shards::new(exchange, shards)?;
        Ok(match shards.count() {
            1 => Self::Whole(Box::new(Replay::new(stepper))),
            _ => Self::Sharded(Box::new(Sharded::new(stepper, shards))),
        })
    }

    /// Performs step `state.step` and counts it.
    ///
    /// # Errors
    /// If the exchange fails, or the device cannot be read.
    pub async fn step(&mut self, state: &mut State) -> Result<StepResult, TrainError> {
        match self {
            Self::Whole(replay) => Ok(replay.step(state)),
            Self::Sharded(sharded) => sharded.step(state).await,
        }
    }
}
