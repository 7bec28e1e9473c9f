//! Everything that a run shows, as numbers on the host.

use crate::data::Images;
use crate::repro::report::{DecisionRecord, Phase};

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// From step 1 on.
    pub steps: Vec<StepSeen>,
    /// Images of the averaged generator after the last step.
    pub images: Images,
}

/// What a step shows.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSeen {
    /// Steps done, this one included.
    pub step: u64,
    /// Losses of discriminator, classifier and generator.
    pub losses: [Option<f32>; 3],
    /// What was decided about each real image.
    pub decisions: Vec<DecisionRecord>,
    /// The largest logit behind these decisions, without its sign.
    pub largest_logit: f32,
    /// The tensors, in the order of computation; empty if the step is not digested.
    pub groups: Vec<Group>,
}

/// Tensors of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The phase that computed them.
    pub phase: Phase,
    /// What they are.
    pub name: &'static str,
    /// By name.
    pub tensors: Vec<(String, Vec<f32>)>,
}
