//! How far two correct runs may be apart at a step.

use crate::repro::report::{Distance, Growth, GrowthStep, Phase};

/// What the reference's growth allows at a step: the largest tolerance up to it. A single loss rises and falls with its
/// batch, and the ensemble has few members, so one step alone may show little of how far the runs have moved by then.
#[derive(Debug, Clone, Copy)]
pub struct Tolerances<'a> {
    growth: &'a Growth,
    step: u64,
}

impl<'a> Tolerances<'a> {
    /// Those of a step.
    pub fn at(growth: &'a Growth, step: u64) -> Self {
        Self { growth, step }
    }

    /// Of losses.
    pub fn losses(self) -> Option<f64> {
        self.largest(|step| Some(step.losses))
    }

    /// Of confidences.
    pub fn confidences(self) -> Option<f64> {
        self.largest(|step| Some(step.confidences))
    }

    /// Of a group of tensors.
    pub fn group(self, phase: Phase, name: &str) -> Option<f64> {
        self.largest(|step| {
            Some(step.groups.iter().find(|found| found.phase == phase && found.group == name)?.distance)
        })
    }

    /// None if the step itself has none, or none that is finite.
    fn largest(self, of: impl Fn(&GrowthStep) -> Option<Distance>) -> Option<f64> {
        let tolerance = |step: &GrowthStep| of(step)?.tolerance;
        let own = tolerance(self.growth.steps.iter().find(|found| found.step == self.step)?)?;
        let earlier = self.growth.steps.iter().filter(|found| found.step < self.step);
        Some(earlier.filter_map(tolerance).fold(own, f64::max))
    }
}
