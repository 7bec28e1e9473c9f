//! How scores are computed, where their definitions leave a choice.

use serde::{Deserialize, Serialize};

use crate::metrics::NEIGHBOURS;

/// How scores are computed, where their definitions leave a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Seed of every choice among images.
    pub seed: u64,
    /// Pairs of subsets of a kernel distance.
    pub kernel_subsets: usize,
    /// Images of each subset, if there are as many.
    pub kernel_subset_size: usize,
    /// Parts of an Inception score, if there are as many images.
    pub splits: usize,
    /// The neighbour whose distance is the radius of a ball.
    pub neighbours: usize,
    /// Most images of each side whose neighbours are counted. The time grows with the square of their number.
    pub neighbour_images: usize,
}

impl Settings {
    /// What torch-fidelity and PRDC do by default, for 10,000 images at most where time grows with the square.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            kernel_subsets: 100,
            kernel_subset_size: 1_000,
            splits: 10,
            neighbours: NEIGHBOURS,
            neighbour_images: 10_000,
        }
    }
}
