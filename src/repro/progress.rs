//! The surroundings of a running suite.

use std::future::Future;

use serde::{Deserialize, Serialize};

/// A layer of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// What must agree on every platform.
    Exact,
    /// What the device computes in strict arithmetic.
    Strict,
    /// Every operation on fixed inputs.
    Kernels,
    /// Small runs.
    Training,
}

impl Layer {
    /// All layers, in the order of computation.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Strict, Self::Kernels, Self::Training];

    /// The layer in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Strict => "strict",
            Self::Kernels => "kernels",
            Self::Training => "training",
        }
    }
}

/// How far a suite has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The layer that is being computed.
    pub layer: Layer,
    /// How much of the layer is done, from 0 to 1.
    pub share: f64,
    /// What was done last, for people.
    pub what: String,
}

/// Shows a suite's progress.
pub trait SuiteShell {
    /// Called between pieces of work of at most a few seconds. A page gives the browser its turn here.
    fn progress(&mut self, progress: Progress) -> impl Future<Output = ()>;
}
