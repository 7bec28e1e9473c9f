//! What the processes of a run compute and send, without the time that it is under way.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use anyhow::Result;
use burn::tensor::Device;
use slgan::train::event::Event;
use slgan::train::exchange::{Exchange, ExchangeError, InProcess, Phase};
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{TrainError, train_together};

use crate::device::block_on;

/// What each process does, up to its last exchange.
pub type Trace = Vec<Vec<Round>>;

/// One exchange of a process, and what it computes before.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// What is exchanged.
    pub phase: Phase,
    /// Seconds of computing since the last exchange.
    pub computing: f64,
    /// Bytes for each process.
    pub bytes: Vec<usize>,
}

/// Trains in so many simulated processes, all on one device, which computes for one after the other.
///
/// # Errors
/// If the device fails.
pub fn record(task: &Task, device: &Device, processes: usize) -> Result<Trace> {
    let ranks: Vec<Traced> = InProcess::together(processes).into_iter().map(Traced::new).collect();
    let states: Vec<State> = ranks.iter().map(|_| State::new(&task.config, &task.architecture(), device)).collect();
    let trains = ranks.iter().zip(states).map(|(rank, state)| Box::pin(train(rank, state, task, device)) as Training);
    block_on(all(trains.collect()))??;
    Ok(ranks.into_iter().map(|rank| rank.rounds.into_inner()).collect())
}

/// One process at work.
type Training<'a> = Pin<Box<dyn Future<Output = Result<(), TrainError>> + 'a>>;

async fn train(rank: &Traced, mut state: State, task: &Task, device: &Device) -> Result<(), TrainError> {
    rank.resumed.set(Instant::now());
    train_together(rank, task, &mut state, device, "simulated", None, &mut Nobody(rank)).await.map(drop)
}

/// Waits for all, one after the other.
async fn all(mut tasks: Vec<Training<'_>>) -> Result<(), TrainError> {
    poll_fn(|context| {
        let mut waiting = Vec::new();
        for mut task in mem::take(&mut tasks) {
            match task.as_mut().poll(context) {
                Poll::Pending => waiting.push(task),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        tasks = waiting;
        if tasks.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

/// An exchange that notes what goes through it.
struct Traced {
    inner: InProcess,
    /// When this process last began to compute.
    resumed: Cell<Instant>,
    rounds: RefCell<Vec<Round>>,
}

impl Traced {
    fn new(inner: InProcess) -> Self {
        Self { inner, resumed: Cell::new(Instant::now()), rounds: RefCell::default() }
    }

    /// A process alone asks nobody what the first one wants, so its steps are noted where it decides that itself.
    fn note_alone(&self) {
        if self.ranks() == 1 {
            let computing = self.resumed.replace(Instant::now()).elapsed().as_secs_f64();
            self.rounds.borrow_mut().push(Round { phase: Phase::Control, computing, bytes: vec![0] });
        }
    }
}

impl Exchange for Traced {
    fn rank(&self) -> usize {
        self.inner.rank()
    }

    fn ranks(&self) -> usize {
        self.inner.ranks()
    }

    async fn all_to_all(&self, phase: Phase, parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        let (computing, bytes) = (self.resumed.get().elapsed().as_secs_f64(), parts.iter().map(Vec::len).collect());
        self.rounds.borrow_mut().push(Round { phase, computing, bytes });
        let received = self.inner.all_to_all(phase, parts).await;
        self.resumed.set(Instant::now());
        received
    }

    async fn all_gather(&self, phase: Phase, bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        self.all_to_all(phase, vec![bytes; self.ranks()]).await
    }
}

/// A shell that takes nothing and wants nothing.
struct Nobody<'a>(&'a Traced);

impl Shell for Nobody<'_> {
    async fn event(&mut self, _event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    async fn turn(&mut self, _state: &State) -> Control {
        self.0.note_alone();
        Control::Continue
    }
}

#[cfg(test)]
mod tests {
    use slgan::config::Config;

    use super::*;
    use crate::bench::step::glyphs;

    /// Steps are found whatever the number of processes.
    #[test]
    fn every_step_of_every_process_ends_with_control() {
        let config = Config { batch: 4, shards: 2, steps: 3, ..Config::default() };
        let task = Task::new(config, glyphs().unwrap()).unwrap();
        for processes in [1, 2] {
            let trace = record(&task, &Device::flex(), processes).unwrap();
            assert_eq!(trace.len(), processes);
            for rounds in trace {
                let controls = rounds.iter().filter(|round| round.phase == Phase::Control).count();
                assert!(controls >= 3, "{processes} processes: {controls} rounds of control");
                assert!(rounds.iter().all(|round| round.computing > 0.0 && round.bytes.len() == processes));
            }
        }
    }
}
