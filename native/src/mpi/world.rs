//! The ranks of this run, as MPI knows them.

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::future::poll_fn;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use ::mpi::environment::Universe;
use ::mpi::topology::{Communicator, SimpleCommunicator};
use ::mpi::{Threading, initialize_with_threading};
use anyhow::{Context, Result, anyhow, ensure};
use slgan::train::exchange::{ExchangeError, Phase};

use super::aside::{Asides, BEAT, Ear, Heard};
use super::launch::Launch;
use super::meeting::{Failure, Meeting};
use super::rank::{Place, Spent};
use super::transfer::return_errors;
use super::watchdog::Watchdog;
use crate::failure::Usage;
use crate::interrupt::Interrupt;

/// How long rank 0 has to report an error before another rank does; each rank waits a little longer than the one before.
const GRACE: Duration = Duration::from_secs(2);
const GRACE_PER_RANK: Duration = Duration::from_millis(100);

/// How long a rank that fails listens for another one that has already reported the failure. A rank that was suspended and
/// goes on, because the launcher ends everything, has only this to know it by.
const LISTENING: Duration = Duration::from_millis(100);

/// How long MPI may take to end, or to end the others.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a launcher has to pass on what this rank has printed, before an abort makes it end everything.
const FORWARDING: Duration = Duration::from_millis(500);

/// Polls of an exchange without a pause, and the pause after them.
const BUSY_POLLS: u32 = 50;
const PAUSE: Duration = Duration::from_micros(50);

/// This rank among all.
pub struct World {
    universe: Universe,
    rank: usize,
    ranks: usize,
    place: Place,
    deadline: Duration,
    asides: RefCell<Asides>,
    ear: RefCell<Ear>,
    interrupt: Interrupt,
    has_told: Cell<bool>,
    stop: Cell<Option<usize>>,
    spent: Cell<Spent>,
}

impl World {
    /// Meets the other ranks.
    ///
    /// # Errors
    /// If MPI cannot be used, or is not the launcher's.
    pub fn join(launch: Launch, deadline: Duration, interrupt: &Interrupt) -> Result<Self> {
        let joining = Watchdog::new(deadline, "MPI does not find the other ranks", 1);
        let (universe, threading) =
            initialize_with_threading(Threading::Serialized).context("MPI was initialised before")?;
        let is_enough = matches!(threading, Threading::Serialized | Threading::Multiple);
        ensure!(is_enough, "this MPI takes calls from one thread only; install it with support of threads");
        return_errors().map_err(|error| anyhow!("{error}"))?;
        let world = universe.world();
        let (rank, ranks) = (world.rank() as usize, world.size() as usize);
        if ranks != launch.ranks {
            return Err(foreign(launch, ranks));
        }
        let place = place(&world);
        drop(joining);
        let (asides, ear) = (RefCell::new(Asides::new(rank, ranks)), RefCell::default());
        let (interrupt, has_told, stop) = (interrupt.clone(), Cell::new(false), Cell::new(None));
        let spent = Cell::default();
        Ok(Self { universe, rank, ranks, place, deadline, asides, ear, interrupt, has_told, stop, spent })
    }

    /// This rank.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many there are.
    pub fn ranks(&self) -> usize {
        self.ranks
    }

    /// This rank among those of its machine.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Sends every rank its part, and returns what each has sent here.
    ///
    /// # Errors
    /// If a rank fails, or is not heard until the deadline.
    pub async fn meet(&self, phase: Phase, parts: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, ExchangeError> {
        let failed = |Failure { rank, reason }| ExchangeError { rank, phase, reason };
        self.pass_on_request();
        let (start, bytes) = (Instant::now(), parts.iter().map(Vec::len).sum::<usize>() - parts[self.rank].len());
        // Tag 0 is not for exchanges.
        let mut meeting = Meeting::begin(phase as c_int + 1, self.rank, parts).map_err(failed)?;
        let mut polls = 0;
        let all_here = poll_fn(|context| match meeting.advance(&mut self.ear.borrow_mut(), self.deadline) {
            Ok(true) => Poll::Ready(Ok(())),
            Err(failure) => Poll::Ready(Err(failure)),
            Ok(false) => {
                pause(&mut polls);
                context.waker().wake_by_ref();
                Poll::Pending
            }
        });
        all_here.await.map_err(failed)?;
        self.stop.set(self.stop.get().or(meeting.stop));
        let Spent { time, bytes: before } = self.spent.get();
        self.spent.set(Spent { time: time + start.elapsed(), bytes: before + bytes as u64 });
        Ok(meeting.into_parts())
    }

    /// What the exchanges have cost so far.
    pub fn spent(&self) -> Spent {
        self.spent.get()
    }

    /// The first other rank that is known to have been asked to stop.
    pub fn asked_to_stop(&self) -> Option<usize> {
        self.stop.get()
    }

    /// Tells the others once if this rank was asked to stop.
    fn pass_on_request(&self) {
        if self.interrupt.requested() && !self.has_told.replace(true) {
            // Where MPI fails, the exchange says so.
            let _ = self.asides.borrow_mut().stop();
        }
    }

    /// Tells the others that this rank works on something that they wait for.
    pub fn beat(&self) {
        // Where MPI fails, the next exchange says so.
        let _ = self.asides.borrow_mut().beat();
    }

    /// Does work that the others wait for, however long it takes: they hear that this process lives. The work must not
    /// call MPI.
    pub fn alone<T>(&self, work: impl FnOnce() -> T) -> T {
        let (rank, ranks) = (self.rank, self.ranks);
        thread::scope(|scope| {
            let (working, done) = channel::<()>();
            scope.spawn(move || {
                let mut asides = Asides::new(rank, ranks);
                while done.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                    let _ = asides.beat();
                }
            });
            let result = work();
            drop(working);
            result
        })
    }

    /// Leaves MPI, after all ranks have met for the last time.
    pub fn leave(self) {
        let _leaving = Watchdog::new(FAREWELL, "", 0);
        drop(self.universe);
    }

    /// Whether another rank has reported its error and ends this one too.
    pub fn is_reported(&self) -> bool {
        let start = Instant::now();
        let mut ear = self.ear.borrow_mut();
        while start.elapsed() < LISTENING {
            match ear.hear() {
                Ok(Some(Heard::Reported)) => return true,
                Ok(Some(_)) => {}
                Ok(None) => thread::sleep(PAUSE),
                Err(_) => return false,
            }
        }
        false
    }

    /// Whether this rank reports errors at once. One that was asked to stop may be about to be ended by the launcher,
    /// because another rank has failed and reported it.
    pub fn reports_at_once(&self) -> bool {
        self.rank == 0 && !self.interrupt.requested()
    }

    /// Tells the others why this rank has failed, and gives rank 0 the time to report it. If this returns, nobody else
    /// has.
    pub fn tell(&self, why: &str) {
        let (start, grace) = (Instant::now(), GRACE + GRACE_PER_RANK * self.rank as u32);
        let mut asides = self.asides.borrow_mut();
        let _ = asides.fail(why);
        while start.elapsed() < grace {
            let _ = asides.settle();
            thread::sleep(PAUSE);
        }
    }

    /// Says to the others that this rank prints its error.
    pub fn report(&self) {
        // Without MPI, the others cannot hear it.
        let _ = self.asides.borrow_mut().report();
    }

    /// Ends all ranks with an exit code, whatever they do, once the launcher has had time to pass on this rank's error.
    pub fn abort(&self, code: u8) -> ! {
        thread::sleep(FORWARDING);
        let _ending = Watchdog::new(FAREWELL, "", code);
        self.universe.world().abort(code.into())
    }
}

/// Waits a moment, but not in the first polls, because most bytes come at once.
fn pause(polls: &mut u32) {
    *polls += 1;
    if *polls > BUSY_POLLS { thread::sleep(PAUSE) } else { thread::yield_now() }
}

fn place(world: &SimpleCommunicator) -> Place {
    let machine = world.split_shared(world.rank());
    Place { rank: machine.rank() as usize, ranks: machine.size() as usize }
}

fn foreign(launch: Launch, found: usize) -> anyhow::Error {
    let Launch { launcher, ranks, .. } = launch;
    Usage::new(format!(
        "the launcher (of {launcher}, or like it) has started {ranks} processes, but MPI knows {found}: this program was \
         built with another MPI than the launcher's; call the other's mpirun, or with Slurm choose its kind (`srun \
         --mpi=list`)"
    ))
    .into()
}
