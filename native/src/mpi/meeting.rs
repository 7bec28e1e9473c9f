//! One exchange: every rank sends bytes to every other one, and waits for theirs, until a deadline.

use std::ffi::c_int;
use std::time::{Duration, Instant};

use super::aside::{Ear, Heard};
use super::transfer::{MpiError, Transfer};

/// An exchange under way.
pub struct Meeting {
    tag: c_int,
    sends: Vec<(usize, Transfer)>,
    parts: Vec<Part>,
    /// When a rank has last been heard.
    heard: Instant,
    /// A rank that was asked to stop.
    pub stop: Option<usize>,
}

/// What one rank sends here.
enum Part {
    Awaited,
    Arriving(Transfer),
    Here(Vec<u8>),
}

/// Why an exchange has failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rank that failed, or that was waited for.
    pub rank: usize,
    /// What happened, for people.
    pub reason: String,
}

impl Meeting {
    /// Begins to send `parts[r]` to every rank `r`; the part of this rank, `own`, stays here.
    ///
    /// # Errors
    /// If MPI refuses.
    pub fn begin(tag: c_int, own: usize, parts: Vec<Vec<u8>>) -> Result<Self, Failure> {
        let (mut sends, mut here) = (Vec::new(), Vec::new());
        for (rank, bytes) in parts.into_iter().enumerate() {
            if rank == own {
                here.push(Part::Here(bytes));
                continue;
            }
            let length = bytes.len();
            let failed = |error: MpiError| Failure { rank, reason: format!("sending {length} bytes: {error}") };
            sends.push((rank, Transfer::send(rank, tag, bytes).map_err(failed)?));
            here.push(Part::Awaited);
        }
        Ok(Self { tag, sends, parts: here, heard: Instant::now(), stop: None })
    }

    /// Takes what has arrived, and returns whether everything has been sent and received. Never waits.
    ///
    /// # Errors
    /// If MPI or a rank fails, or nothing was heard of the missing ranks until the deadline.
    pub fn advance(&mut self, ear: &mut Ear, deadline: Duration) -> Result<bool, Failure> {
        let missing = self.missing().unwrap_or(0);
        self.transfer().map_err(|(rank, error)| failure(rank, error))?;
        while let Some(heard) = ear.hear().map_err(|error| failure(missing, error))? {
            match heard {
                // Whoever reports has failed, and has said so before.
                Heard::Working | Heard::Reported => self.heard = Instant::now(),
                Heard::Stop(rank) => self.stop = Some(rank),
                Heard::Failed { rank, why } => return Err(Failure { rank, reason: why }),
            }
        }
        match self.missing() {
            None => Ok(true),
            Some(rank) if self.heard.elapsed() > deadline => {
                let waited = deadline.as_secs_f64();
                let reason = format!(
                    "no answer for {waited} s: it was stopped, hangs, or cannot be reached; the last checkpoint stands"
                );
                Err(Failure { rank, reason })
            }
            Some(_) => Ok(false),
        }
    }

    /// What every rank has sent, after all of it has arrived.
    pub fn into_parts(self) -> Vec<Vec<u8>> {
        let bytes = |part| match part {
            Part::Here(bytes) => bytes,
            Part::Awaited | Part::Arriving(_) => unreachable!("nothing is missing"),
        };
        self.parts.into_iter().map(bytes).collect()
    }

    fn transfer(&mut self) -> Result<(), (usize, MpiError)> {
        let before = self.sends.len();
        let mut still = Vec::new();
        for (rank, mut send) in self.sends.drain(..) {
            if !send.is_done().map_err(|error| (rank, error))? {
                still.push((rank, send));
            }
        }
        let mut has_moved = still.len() < before;
        self.sends = still;
        for (rank, part) in self.parts.iter_mut().enumerate() {
            has_moved |= part.advance(rank, self.tag).map_err(|error| (rank, error))?;
        }
        if has_moved {
            self.heard = Instant::now();
        }
        Ok(())
    }

    /// The first rank that has not sent or taken everything.
    fn missing(&self) -> Option<usize> {
        let awaited = self.parts.iter().position(|part| !matches!(part, Part::Here(_)));
        awaited.or_else(|| self.sends.first().map(|(rank, _)| *rank))
    }
}

impl Part {
    /// Goes on as far as possible, and returns whether that was anything.
    fn advance(&mut self, rank: usize, tag: c_int) -> Result<bool, MpiError> {
        match self {
            Self::Here(_) => Ok(false),
            Self::Awaited => match Transfer::arrived(Some(rank), tag)? {
                None => Ok(false),
                Some((_, transfer)) => {
                    *self = Self::Arriving(transfer);
                    Ok(true)
                }
            },
            Self::Arriving(transfer) => {
                let is_done = transfer.is_done()?;
                if is_done {
                    *self = Self::Here(transfer.take_bytes());
                }
                Ok(is_done)
            }
        }
    }
}

fn failure(rank: usize, error: MpiError) -> Failure {
    Failure { rank, reason: error.to_string() }
}
