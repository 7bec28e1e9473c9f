//! Faults that tests put into the runs of a suite, to show that a report reveals them.

/// A fault. Steps are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The last bit of one weight of the generator flips before a step.
    WeightBit {
        /// The step.
        step: u64,
    },
    /// One number of the discriminator's gradients is off by one unit in its last place.
    Rounding {
        /// The step.
        step: u64,
    },
    /// The first two real images of a batch change places.
    Batch {
        /// The step.
        step: u64,
    },
    /// The generator's phase draws its random numbers from another seed.
    Seed {
        /// The step.
        step: u64,
    },
    /// One training image loses its label.
    Label,
}
