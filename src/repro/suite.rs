//! What a suite consists of.

/// A suite: a fixed list of items. Only reports of the same suite can be compared. Whoever changes what an item
/// computes gives the suite a new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// The name in reports.
    pub name: &'static str,
    /// Steps of every run of the training layer.
    pub steps: u64,
    /// The steps after which every tensor is digested, counted from 1.
    pub digested: &'static [u64],
    /// The steps after which every tensor of the strict run is hashed, counted from 1; the last one ends the run.
    pub strict: &'static [u64],
    /// Perturbed runs, from which tolerances follow.
    pub members: usize,
}

impl Suite {
    /// All suites.
    pub const ALL: [Self; 2] = [Self::STANDARD, Self::BRIEF];

    /// The suite that reports are usually made with: about a minute on two cores of a CPU.
    pub const STANDARD: Self =
        Self { name: "standard-1", steps: 24, digested: &[1, 2, 8, 24], strict: &[1, 2, 8], members: 6 };

    /// The same with very short runs: for a first look, and for tests.
    pub const BRIEF: Self = Self { name: "brief-1", steps: 3, digested: &[1, 3], strict: &[1, 2], members: 2 };

    /// Whether every tensor is digested after a step.
    pub(super) fn digests(&self, step: u64) -> bool {
        self.digested.contains(&step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_digested_and_names_differ() {
        for suite in Suite::ALL {
            assert!(suite.digests(1) && suite.digests(suite.steps) && suite.members > 0, "{}", suite.name);
            assert!(suite.strict.is_sorted() && !suite.strict.is_empty(), "{}", suite.name);
            assert!(suite.digested.iter().is_sorted() && suite.digested.iter().all(|&step| step <= suite.steps));
        }
        assert_ne!(Suite::STANDARD.name, Suite::BRIEF.name);
    }
}
