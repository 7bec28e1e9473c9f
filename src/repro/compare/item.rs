//! One compared thing.

use serde::{Deserialize, Serialize};

use super::kind::ItemKind;
use super::verdict::Verdict;
use crate::repro::progress::Layer;
use crate::repro::report::{Phase, short};

/// One compared thing. (layer, group, name, moment) names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The layer.
    pub layer: Layer,
    /// What it is.
    pub kind: ItemKind,
    /// What it belongs to: an operation or a run; empty in the exact and the strict layer.
    pub group: String,
    /// Its name in the group: an exact item; a case with its plan and result; `loss`, `labels`, `weights`, `images`.
    pub name: String,
    /// When a run computes it; none outside the steps of a run.
    pub moment: Option<Moment>,
    /// What the comparison says.
    pub verdict: Verdict,
    /// How far the reports are apart; none if they may not differ at all, or a decision is the same.
    pub measure: Option<Measure>,
    /// The first part that differs: a tensor, such as `blocks.0.conv.weight`, or an image of the batch.
    pub part: Option<String>,
    /// What there is to say about a difference, for people; empty if there is nothing.
    pub note: String,
}

/// A place in the course of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The step, counted from 1.
    pub step: u64,
    /// The phase; none if it is the whole step.
    pub phase: Option<Phase>,
}

/// A distance and its bound.
///
/// In the layer of kernels, it is the larger of the two errors against float64, as in a
/// [`KernelResult`](crate::repro::report::KernelResult). For losses and confidences it is a difference, for tensors the
/// estimated relative distance of their group, for pictures a difference in levels, for decisions how far the closest
/// one was from being made otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// The distance; none if a number is not finite.
    pub found: Option<f64>,
    /// The largest distance that rounding explains; none if it has no bound.
    pub allowed: Option<f64>,
}

impl Measure {
    /// [`Verdict::Within`] or [`Verdict::Outside`]. What is not finite or has no bound is outside.
    pub fn verdict(self) -> Verdict {
        match self {
            Self { found: Some(found), allowed: Some(allowed) } if found <= allowed => Verdict::Within,
            _ => Verdict::Outside,
        }
    }

    /// The measure in digits that JSON restores exactly.
    fn rounded(self) -> Self {
        Self { found: self.found.and_then(short), allowed: self.allowed.and_then(short) }
    }

    /// The distance as a share of its bound; infinite if one of them is missing.
    pub fn share(self) -> f64 {
        match self {
            Self { found: Some(0.0), .. } => 0.0,
            Self { found: Some(found), allowed: Some(allowed) } => found / allowed,
            _ => f64::INFINITY,
        }
    }
}

impl Item {
    /// An item without a difference.
    pub fn new(kind: ItemKind, group: &str, name: &str) -> Self {
        Self {
            layer: kind.layer(),
            kind,
            group: group.to_owned(),
            name: name.to_owned(),
            moment: None,
            verdict: Verdict::Identical,
            measure: None,
            part: None,
            note: String::new(),
        }
    }

    /// The item at a step, in a phase.
    pub fn at(self, step: u64, phase: Option<Phase>) -> Self {
        Self { moment: Some(Moment { step, phase }), ..self }
    }

    /// The item with a part that differs.
    pub fn with_part(self, part: impl Into<String>) -> Self {
        Self { part: Some(part.into()), ..self }
    }

    /// The item with a remark.
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The item, different where nothing may differ.
    pub fn different(self, note: impl Into<String>) -> Self {
        Self { verdict: Verdict::Outside, ..self }.with_note(note)
    }

    /// The item with the same bits in both reports, where a distance would be allowed.
    pub fn same(self, allowed: Option<f64>) -> Self {
        Self { measure: Some(Measure { found: Some(0.0), allowed }.rounded()), ..self }
    }

    /// The item with a distance, which decides the verdict.
    pub fn measured(self, measure: Measure) -> Self {
        Self { verdict: measure.verdict(), measure: Some(measure.rounded()), ..self }
    }

    /// Its name with its part: `gradients: blocks.0.conv.weight`.
    pub fn full_name(&self) -> String {
        match &self.part {
            Some(part) => format!("{}: {part}", self.name),
            None => self.name.clone(),
        }
    }

    /// Where it is, for people: `the run few labels, step 3, discriminator, gradients: blocks.0.conv.weight`.
    pub fn place(&self) -> String {
        let name = self.full_name();
        match (self.layer, self.moment) {
            (Layer::Exact, _) => format!("the exact layer, {name}"),
            (Layer::Strict, _) => format!("strict arithmetic, {name}"),
            (Layer::Kernels, _) => format!("the operation {}, {name}", self.group),
            (Layer::Training, None) => format!("the run {}, {name}", self.group),
            (Layer::Training, Some(moment)) => format!("the run {}, {}, {name}", self.group, moment.name()),
        }
    }
}

impl Moment {
    /// The moment for people: `step 3, discriminator`.
    pub fn name(self) -> String {
        let phase = self.phase.map(|phase| format!(", {}", phase.name())).unwrap_or_default();
        format!("step {}{phase}", self.step)
    }
}
