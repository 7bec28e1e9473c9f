//! Short messages beside the exchanges: that a rank still works, that it was asked to stop, or why it has failed.

use std::ffi::c_int;
use std::time::{Duration, Instant};

use super::transfer::{MpiError, Transfer};

/// The tag of these messages; exchanges use others.
const TAG: c_int = 0;

/// Time between two signs of life.
pub const BEAT: Duration = Duration::from_secs(1);

/// What a rank has heard.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A rank works on something that the others wait for.
    Working,
    /// A rank was asked to stop.
    Stop(usize),
    /// A rank has failed, for a reason.
    Failed {
        /// The rank.
        rank: usize,
        /// Its error, for people.
        why: String,
    },
    /// A rank has printed its error, and ends all ranks.
    Reported,
}

/// The first byte of each kind of message.
const WORKING: u8 = 0;
const STOP: u8 = 1;
const FAILED: u8 = 2;
const REPORTED: u8 = 3;

/// Messages that this rank sends to the others.
pub struct Asides {
    others: Vec<usize>,
    under_way: Vec<(usize, Transfer)>,
    last_beat: Option<Instant>,
}

impl Asides {
    /// For one of several ranks.
    pub fn new(rank: usize, ranks: usize) -> Self {
        Self { others: (0..ranks).filter(|&other| other != rank).collect(), under_way: Vec::new(), last_beat: None }
    }

    /// Tells the others that this rank works, unless it has just done so. Those that have not taken the last sign yet get
    /// none.
    ///
    /// # Errors
    /// If MPI fails, as in all that follows.
    pub fn beat(&mut self) -> Result<(), MpiError> {
        if self.last_beat.is_some_and(|last| last.elapsed() < BEAT) {
            return Ok(());
        }
        self.last_beat = Some(Instant::now());
        self.settle()?;
        for &to in &self.others {
            if !self.under_way.iter().any(|(other, _)| *other == to) {
                self.under_way.push((to, Transfer::send(to, TAG, vec![WORKING])?));
            }
        }
        Ok(())
    }

    /// Tells the others that this rank was asked to stop.
    pub fn stop(&mut self) -> Result<(), MpiError> {
        self.send(&[STOP])
    }

    /// Tells the others why this rank has failed.
    pub fn fail(&mut self, why: &str) -> Result<(), MpiError> {
        self.send(&[&[FAILED], why.as_bytes()].concat())
    }

    /// Says to the others that this rank prints its error.
    pub fn report(&mut self) -> Result<(), MpiError> {
        self.send(&[REPORTED])
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), MpiError> {
        for &to in &self.others {
            self.under_way.push((to, Transfer::send(to, TAG, bytes.to_vec())?));
        }
        Ok(())
    }

    /// Forgets what has been sent; also lets MPI work.
    pub fn settle(&mut self) -> Result<(), MpiError> {
        let mut still = Vec::new();
        for (to, mut transfer) in self.under_way.drain(..) {
            if !transfer.is_done()? {
                still.push((to, transfer));
            }
        }
        self.under_way = still;
        Ok(())
    }
}

/// Messages of the others that this rank receives.
#[derive(Default)]
pub struct Ear {
    arriving: Vec<(usize, Transfer)>,
}

impl Ear {
    /// The next message that is here; none if there is none.
    pub fn hear(&mut self) -> Result<Option<Heard>, MpiError> {
        if let Some(arriving) = Transfer::arrived(None, TAG)? {
            self.arriving.push(arriving);
        }
        let Some((rank, transfer)) = self.arriving.first_mut() else { return Ok(None) };
        let rank = *rank;
        if !transfer.is_done()? {
            return Ok(None);
        }
        let bytes = transfer.take_bytes();
        self.arriving.remove(0);
        Ok(Some(match bytes.split_first() {
            Some((&FAILED, why)) => Heard::Failed { rank, why: String::from_utf8_lossy(why).into_owned() },
            Some((&STOP, _)) => Heard::Stop(rank),
            Some((&REPORTED, _)) => Heard::Reported,
            _ => Heard::Working,
        }))
    }
}
