//! Items in fewer lines: what a person reads first.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::item::{Item, Measure, Moment};
use super::verdict::Verdict;
use crate::repro::progress::Layer;
use crate::repro::report::Phase;

/// Items of one kind: an exact item, all results of an operation, or something of a run over all its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The layer.
    pub layer: Layer,
    /// The operation or the run; empty in the exact layer.
    pub group: String,
    /// What it is; empty for operations.
    pub name: String,
    /// How many items it has, by verdict.
    pub counts: Counts,
    /// The worst of them.
    pub verdict: Verdict,
    /// The largest distance, as a share of what is allowed.
    pub measure: Option<Measure>,
    /// Where the first difference is: a step, or in the layer of kernels a case.
    pub first: Option<String>,
    /// The remark of the worst item.
    pub note: String,
}

impl Row {
    /// The row's name: `few labels, generator, weights`.
    pub fn full_name(&self) -> String {
        let parts = [&self.group, &self.name].map(String::as_str);
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// The items in rows, in the order of their first items.
pub fn rows(items: &[Item]) -> Vec<Row> {
    let mut kinds: Vec<(Kind, Vec<&Item>)> = Vec::new();
    for item in items {
        let kind = Kind::of(item);
        match kinds.iter_mut().find(|(found, _)| *found == kind) {
            Some((_, items)) => items.push(item),
            None => kinds.push((kind, vec![item])),
        }
    }
    kinds.into_iter().map(|(kind, items)| row(kind, &items)).collect()
}

#[derive(PartialEq, Eq)]
struct Kind<'a> {
    layer: Layer,
    group: &'a str,
    name: &'a str,
    phase: Option<Phase>,
}

impl<'a> Kind<'a> {
    fn of(item: &'a Item) -> Self {
        let name = if item.layer == Layer::Kernels { "" } else { &item.name };
        let phase = item.moment.and_then(|moment| moment.phase);
        Self { layer: item.layer, group: &item.group, name, phase }
    }

    /// The name with the phase, unless the name says it already.
    fn name(&self) -> String {
        match self.phase {
            Some(phase) if phase != Phase::Inputs => format!("{} {}", phase.name(), self.name),
            _ => self.name.to_owned(),
        }
    }
}

fn row(kind: Kind<'_>, items: &[&Item]) -> Row {
    let counts = Counts::of(items.iter().copied());
    let verdict = counts.worst();
    let measures = items.iter().filter_map(|item| item.measure);
    let first = items.iter().find(|item| item.verdict != Verdict::Identical);
    let worst = items.iter().find(|item| item.verdict == verdict);
    Row {
        layer: kind.layer,
        group: kind.group.to_owned(),
        name: kind.name(),
        counts,
        verdict,
        measure: measures.max_by(|one, two| one.share().total_cmp(&two.share())),
        first: first.and_then(|item| place(item)),
        note: worst.map(|item| item.note.clone()).unwrap_or_default(),
    }
}

fn place(item: &Item) -> Option<String> {
    let part = item.part.as_ref().map(|part| format!(", {part}")).unwrap_or_default();
    match item.layer {
        Layer::Exact => None,
        Layer::Kernels => Some(item.name.clone()),
        Layer::Training => item.moment.map(|Moment { step, .. }| format!("step {step}{part}")),
    }
}
