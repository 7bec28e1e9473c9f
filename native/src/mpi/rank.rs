//! What a process knows of itself.

use std::time::Duration;

/// A process among those of its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub rank: usize,
    /// How many there are.
    pub ranks: usize,
}

/// What exchanges have cost this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Time in them, most of it waiting.
    pub time: Duration,
    /// Bytes sent to the others.
    pub bytes: u64,
}
