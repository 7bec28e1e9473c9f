//! Where two runs part.

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::verdict::Verdict;
use crate::repro::progress::Layer;
use crate::repro::report::{Parting, TrainingRun};

/// Where two reports' runs of the same name part, bit by bit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunParting {
    /// The run.
    pub run: String,
    /// The first difference that the reports show.
    pub parting: Parting,
    /// The last step before it after which every tensor was the same; 0 is the beginning. Tensors of the steps between
    /// are not in the reports, so the runs may have parted there without a sign.
    pub equal_through: u64,
}

impl RunParting {
    /// The place for people: `few labels: step 3, discriminator, gradients: blocks.0.conv.weight`.
    pub fn place(&self) -> String {
        let Parting { step, phase, item } = &self.parting;
        let phase = phase.map(|phase| format!("{}, ", phase.name())).unwrap_or_default();
        let hidden = match self.equal_through {
            0 if *step > 1 => " (steps before are not digested)".to_owned(),
            equal if equal + 1 < *step => {
                format!(" (tensors were equal at step {equal}; steps between are not digested)")
            }
            _ => String::new(),
        };
        format!("{}: step {step}, {phase}{item}{hidden}", self.run)
    }
}

/// Where the runs of this name part; none if they do not. The items must be in the order of computation.
pub fn of(run: &TrainingRun, items: &[Item]) -> Option<RunParting> {
    let course = items.iter().filter(|item| item.layer == Layer::Training && item.group == run.name);
    let mut parted = course.filter(|item| item.verdict != Verdict::Identical);
    let (item, moment) = parted.find_map(|item| Some((item, item.moment?)))?;
    // The final images come after the last step's tensors.
    let is_before = |step: &u64| *step < moment.step || moment.phase.is_none();
    let digested = run.course.digests.iter().map(|digests| digests.step);
    Some(RunParting {
        run: run.name.clone(),
        parting: Parting { step: moment.step, phase: moment.phase, item: item.full_name() },
        equal_through: digested.filter(is_before).max().unwrap_or(0),
    })
}
