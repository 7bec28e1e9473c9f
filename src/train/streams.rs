//! The numbers of the random streams for each part of a step.
//!
//! A number must never change; otherwise a resumed run would differ from a run without interruption.

use std::ops::Range;

/// One pass of a batch of images through a network, with its own random numbers.
///
/// Passes through the discriminator differ in their numbers, and so do passes through the classifier. The two kinds
/// share numbers but no [`Purpose`](crate::rng::Purpose): only the discriminator's images are augmented, and only the
/// classifier has shifts and dropout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Real and generated images through the discriminator, to train it.
    Discriminator {
        /// The update, counted over the whole run.
        update: u64,
    },
    /// Generated images through the discriminator, to train the generator.
    Generator {
        /// The discriminator's last update of the step, counted over the whole run.
        update: u64,
    },
    /// Generated images through the classifier, with the labels of their latents.
    ClassifierGenerated {
        /// The step.
        step: u64,
    },
    /// Real images through the classifier, with their manual labels.
    ClassifierLabelled {
        /// The step.
        step: u64,
    },
    /// Real images through the classifier, with their pseudo-labels.
    ClassifierSelfLabelled {
        /// The step.
        step: u64,
    },
}

impl Pass {
    /// The number of the pass's stream.
    pub fn number(self) -> u64 {
        match self {
            Self::Discriminator { update } => 2 * update,
            Self::Generator { update } => 2 * update + 1,
            Self::ClassifierGenerated { step } => 3 * step,
            Self::ClassifierLabelled { step } => 3 * step + 1,
            Self::ClassifierSelfLabelled { step } => 3 * step + 2,
        }
    }
}

/// The numbers, counted over the whole run, of a step's discriminator updates, with `updates` per step.
///
/// The last update shares its images with the other networks. A step without updates also has a number, because the
/// classifier still needs images.
pub fn update_numbers(step: u64, updates: usize) -> Range<u64> {
    let updates = (updates as u64).max(1);
    step * updates..(step + 1) * updates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_all_earlier_runs() {
        for n in [0, 1, 2, 401, 100_000_000] {
            assert_eq!(Pass::Discriminator { update: n }.number(), 2 * n);
            assert_eq!(Pass::Generator { update: n }.number(), 2 * n + 1);
            assert_eq!(Pass::ClassifierGenerated { step: n }.number(), 3 * n);
            assert_eq!(Pass::ClassifierLabelled { step: n }.number(), 3 * n + 1);
            assert_eq!(Pass::ClassifierSelfLabelled { step: n }.number(), 3 * n + 2);
        }
    }

    #[test]
    fn updates_are_counted_over_the_whole_run() {
        assert_eq!(update_numbers(0, 1), 0..1);
        assert_eq!(update_numbers(7, 1), 7..8);
        assert_eq!(update_numbers(7, 5), 35..40);
        assert_eq!(update_numbers(7, 0), 7..8, "a step without updates still has images");
    }
}
