//! What stands for the other ranks in a program without MPI: there are none.

use std::time::Duration;

use anyhow::Result;
use slgan::train::exchange::{ExchangeError, Phase};

use super::launch::Launch;
use super::rank::{Place, Spent};
use crate::failure::Usage;
use crate::interrupt::Interrupt;

/// Ranks that cannot exist.
pub enum World {}

impl World {
    /// Refuses to be one of several processes.
    ///
    /// # Errors
    /// Always.
    pub fn join(launch: Launch, _deadline: Duration, _interrupt: &Interrupt) -> Result<Self> {
        let Launch { launcher, ranks, .. } = launch;
        Err(Usage::new(format!(
            "the launcher (of {launcher}, or like it) has started {ranks} processes, but this program was built without \
             MPI, so each would train the same; build it with --features mpi (docs/scale.md), or start one process"
        ))
        .into())
    }

    /// See the one with MPI, as for all methods.
    pub fn rank(&self) -> usize {
        match *self {}
    }

    /// How many there are.
    pub fn ranks(&self) -> usize {
        match *self {}
    }

    /// This rank among those of its machine.
    pub fn place(&self) -> Place {
        match *self {}
    }

    /// Exchanges bytes.
    ///
    /// # Errors
    /// Never.
    pub async fn meet(&self, _phase: Phase, _parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        match *self {}
    }

    /// What the exchanges have cost.
    pub fn spent(&self) -> Spent {
        match *self {}
    }

    /// Who was asked to stop.
    pub fn asked_to_stop(&self) -> Option<usize> {
        match *self {}
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        match *self {}
    }

    /// Does long work.
    pub fn alone<T>(&self, _work: impl FnOnce() -> T) -> T {
        match *self {}
    }

    /// Leaves.
    pub fn leave(self) {
        match self {}
    }

    /// Whether another has reported its error.
    pub fn is_reported(&self) -> bool {
        match *self {}
    }

    /// Whether it reports errors at once.
    pub fn reports_at_once(&self) -> bool {
        match *self {}
    }

    /// Sends an error to the others.
    pub fn tell(&self, _why: &str) {
        match *self {}
    }

    /// Says that it prints its error.
    pub fn report(&self) {
        match *self {}
    }

    /// Ends all ranks.
    pub fn abort(&self, _code: u8) -> ! {
        match *self {}
    }
}
