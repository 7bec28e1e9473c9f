//! How the processes of a run reach each other.
//!
//! An exchange moves bytes and knows nothing of what they mean. The arithmetic, and its order, stay in this library, so
//! that a run has the same bits whatever moves them.

mod agreement;
mod alone;
mod in_process;
mod shard_sum;
mod shards;

use std::fmt;
use std::future::Future;

pub use agreement::{Field, agree};
pub use alone::Alone;
pub use in_process::InProcess;
pub(super) use shard_sum::ShardSum;
pub(super) use shards::Shards;

/// One rank's way to the others. Ranks are the processes of a run, numbered from 0.
///
/// All ranks call the same methods in the same order with the same phases. A call ends when this rank has everything
/// that the others send it.
pub trait Exchange {
    /// This rank.
    fn rank(&self) -> usize;

    /// Number of ranks, at least 1.
    fn ranks(&self) -> usize;

    /// Sends `parts[r]` to rank `r`, and returns what each rank sent here, by rank. There is one part for each rank,
    /// this one among them. Parts may differ in size, and may be empty.
    fn all_to_all(
        &self,
        phase: Phase,
        parts: Vec<Vec<u8>>,
    ) -> impl Future<Output = Result<Vec<Vec<u8>>, ExchangeError>>;

    /// Sends `bytes` to all ranks, and returns the bytes of every rank, by rank. They may differ in size, and may be
    /// empty.
    fn all_gather(&self, phase: Phase, bytes: Vec<u8>) -> impl Future<Output = Result<Vec<Vec<u8>>, ExchangeError>>;
}

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Comparing what the ranks are about to compute, before the first step.
    Start,
    /// The classifier's gradients.
    Classifier,
    /// The discriminator's gradients.
    Discriminator,
    /// The generator's gradients.
    Generator,
    /// What is averaged over the whole batch but has no gradient: the teacher's logits, and statistics of
    /// normalisations.
    Statistics,
    /// What the first rank's shell wants. That rank may take its time before, because it alone evaluates and saves.
    Control,
    /// Comparing states.
    Digests,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Start => "start",
            Self::Classifier => "classifier",
            Self::Discriminator => "discriminator",
            Self::Generator => "generator",
            Self::Statistics => "statistics",
            Self::Control => "control",
            Self::Digests => "digests",
        })
    }
}

/// Why bytes did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rank {rank}, exchange of {phase}: {reason}")]
pub struct ExchangeError {
    /// The rank that was waited for, or that failed.
    pub rank: usize,
    /// What was exchanged.
    pub phase: Phase,
    /// What happened, for people.
    pub reason: String,
}
