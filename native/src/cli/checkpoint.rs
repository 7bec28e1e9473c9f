//! The checkpoint that a command uses.

use std::str::FromStr;

/// A checkpoint of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointChoice {
    /// The checkpoint with the most steps.
    Last,
    /// The checkpoint that `train --best` chose.
    Best,
    /// The checkpoint after this many steps.
    Step(u64),
}

impl FromStr for CheckpointChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "last" => Ok(Self::Last),
            "best" => Ok(Self::Best),
            step => step.parse().map(Self::Step).map_err(|_| "expected `last`, `best` or a step such as 500"),
        }
    }
}
