//! Kinds of compared things.

use serde::{Deserialize, Serialize};

use crate::repro::progress::Layer;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A hash of the exact layer.
    Hash,
    /// A hash of the strict layer.
    Strict,
    /// A result of an operation.
    Result,
    /// The task of a run: its data and its configuration.
    Task,
    /// Whether each device agrees with itself.
    Repeat,
    /// A part of a run that only one report has.
    Lone,
    /// Which images a batch has.
    Batch,
    /// How sure a teacher is of each image of a batch.
    Confidences,
    /// What a teacher decides about each image of a batch.
    Decisions,
    /// A group of tensors.
    Tensors,
    /// A loss.
    Loss,
    /// The final images.
    Images,
}

impl ItemKind {
    /// The layer that has such items.
    pub fn layer(self) -> Layer {
        match self {
            Self::Hash => Layer::Exact,
            Self::Strict => Layer::Strict,
            Self::Result => Layer::Kernels,
            _ => Layer::Training,
        }
    }
}
