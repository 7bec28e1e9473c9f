//! The fixed random signs of projections.

use crate::repro::tasks::SEED;
use crate::rng::{Purpose, stream};

/// A word of random bits for each position in a tensor.
#[derive(Debug, Clone)]
pub struct Signs(Vec<u32>);

impl Signs {
    /// The signs of the first `count` positions. They are the same in every tensor and every report.
    pub fn new(count: usize) -> Self {
        let mut draws = stream(SEED, Purpose::Test, 2);
        Self((0..count).map(|_| draws.bits()).collect())
    }

    /// The sign of a position in a projection, of which there are up to 32.
    pub fn is_negative(&self, at: usize, projection: usize) -> bool {
        self.0[at] >> projection & 1 == 1
    }
}
