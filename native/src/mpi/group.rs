//! The processes of a run, of which there is mostly one.

use std::time::Duration;

use anyhow::Result;
use pollster::block_on;
use slgan::train::exchange::{Exchange, ExchangeError, Phase};

#[cfg(not(feature = "mpi"))]
use super::absent::World;
use super::launch::launch;
use super::rank::{Place, Spent};
#[cfg(feature = "mpi")]
use super::world::World;
use crate::failure::exit_code;
use crate::interrupt::Interrupt;
use crate::output;

/// The processes of a run, as one of them sees them.
pub struct Group(Option<World>);

impl Group {
    /// Meets the processes that a launcher has started; none if there was no launcher. From now on, only the first one
    /// prints.
    ///
    /// # Errors
    /// If this program cannot reach the others.
    pub fn join(deadline: Duration, interrupt: &Interrupt) -> Result<Self> {
        let Some(launch) = launch() else { return Ok(Self(None)) };
        if launch.rank != 0 {
            output::silence();
        }
        World::join(launch, deadline, interrupt).map(|world| Self(Some(world)))
    }

    /// Whether this process writes, prints and watches.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// This process among those of its machine; none if it is the only one of the run.
    pub fn place(&self) -> Option<Place> {
        self.0.as_ref().map(World::place)
    }

    /// What the exchanges have cost so far; none if this process is the only one of the run.
    pub fn spent(&self) -> Option<Spent> {
        self.0.as_ref().map(World::spent)
    }

    /// What the first process reads, in all of them.
    ///
    /// # Errors
    /// If it cannot be read, or the others cannot be reached.
    pub fn of_first(&self, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        let bytes = if self.is_first() { self.alone(read)? } else { Vec::new() };
        Ok(block_on(self.all_gather(Phase::Start, bytes))?.swap_remove(0))
    }

    /// Does work that the others wait for, however long it takes. The work must not use the group.
    pub fn alone<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.0 {
            None => work(),
            Some(world) => world.alone(work),
        }
    }

    /// Another process that was asked to stop, and has told this one.
    pub fn asked_to_stop(&self) -> Option<usize> {
        self.0.as_ref().and_then(World::asked_to_stop)
    }

    /// Tells the others, between two steps, that this process still works.
    pub fn beat(&self) {
        if let Some(world) = &self.0 {
            world.beat();
        }
    }

    /// Ends the run in all processes. Each comes with its exit code or error, and all end with the highest code, or,
    /// without waiting for anyone, with the first error, which is printed once.
    ///
    /// # Errors
    /// The error of a run with one process.
    pub fn conclude(self, result: Result<u8>) -> Result<u8> {
        let Some(world) = self.0 else { return result };
        let codes = result.and_then(|code| {
            let parts = vec![vec![code]; world.ranks()];
            Ok(block_on(world.meet(Phase::Control, parts))?)
        });
        match codes {
            Ok(codes) => {
                world.leave();
                Ok(codes.concat().into_iter().max().unwrap_or_default())
            }
            Err(error) => fail(&world, &error),
        }
    }
}

/// Reports an error, unless another rank does, and ends all ranks.
fn fail(world: &World, error: &anyhow::Error) -> ! {
    if !world.is_reported() {
        let is_first = world.reports_at_once();
        if !is_first {
            world.tell(&format!("{error:#}"));
            output::speak();
        }
        world.report();
        if is_first { say!("error: {error:#}") } else { say!("error: rank {}: {error:#}", world.rank()) }
    }
    world.abort(exit_code(error))
}

impl Exchange for Group {
    fn rank(&self) -> usize {
        self.0.as_ref().map_or(0, World::rank)
    }

    fn ranks(&self) -> usize {
        self.0.as_ref().map_or(1, World::ranks)
    }

    async fn all_to_all(&self, phase: Phase, parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        match &self.0 {
            None => Ok(parts),
            Some(world) => world.meet(phase, parts).await,
        }
    }

    async fn all_gather(&self, phase: Phase, bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        self.all_to_all(phase, vec![bytes; self.ranks()]).await
    }
}
