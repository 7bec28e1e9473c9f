//! Items in fewer lines: what a person reads first.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::item::{Item, Measure};
use super::kind::ItemKind;
use super::verdict::Verdict;
use crate::repro::progress::Layer;
use crate::repro::report::Phase;

/// Items of one kind: an exact item, all results of an operation, or something of a run over all its steps, such as its
/// losses or the tensors of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The layer.
    pub layer: Layer,
    /// The operation or the run; empty in the exact and the strict layer.
    pub group: String,
    /// What it is; empty for operations.
    pub name: String,
    /// How many items it has, by verdict.
    pub counts: Counts,
    /// The worst of them.
    pub verdict: Verdict,
    /// The distance that is the largest share of what is allowed.
    pub measure: Option<Measure>,
    /// Where the first item with the row's verdict is: a step, or in the layer of kernels a case. None if all are
    /// identical.
    pub first: Option<String>,
    /// The remark of that item.
    pub note: String,
}

impl Row {
    /// The row's name: `few labels, tensors of the generator`.
    pub fn full_name(&self) -> String {
        let parts = [&self.group, &self.name].map(String::as_str);
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// The items in rows, in the order of their first items.
pub fn rows(items: &[Item]) -> Vec<Row> {
    let mut kept: Vec<(String, Vec<&Item>)> = Vec::new();
    for item in items {
        let name = name(item);
        let is_same = |(found, others): &&mut (String, Vec<&Item>)| {
            *found == name && others[0].layer == item.layer && others[0].group == item.group
        };
        match kept.iter_mut().find(is_same) {
            Some((_, others)) => others.push(item),
            None => kept.push((name, vec![item])),
        }
    }
    kept.into_iter().map(|(name, items)| row(name, &items)).collect()
}

/// The name of an item's row in its group.
fn name(item: &Item) -> String {
    let phase = item.moment.and_then(|moment| moment.phase);
    match (item.kind, phase) {
        (ItemKind::Result, _) => String::new(),
        (ItemKind::Loss, _) => "losses".to_owned(),
        (ItemKind::Tensors, Some(Phase::Inputs)) => "tensors before the updates".to_owned(),
        (ItemKind::Tensors, Some(phase)) => format!("tensors of the {}", phase.name()),
        _ => item.name.clone(),
    }
}

/// The row of some items, of which there is at least one.
fn row(name: String, items: &[&Item]) -> Row {
    let counts = Counts::of(items.iter().copied());
    let verdict = counts.worst();
    let measures = items.iter().filter_map(|item| item.measure);
    let first = items.iter().find(|item| item.verdict == verdict && verdict != Verdict::Identical);
    Row {
        layer: items[0].layer,
        group: items[0].group.clone(),
        name,
        counts,
        verdict,
        measure: measures.max_by(|one, two| one.share().total_cmp(&two.share())),
        first: first.and_then(|item| place(item)),
        note: first.map(|item| item.note.clone()).unwrap_or_default(),
    }
}

fn place(item: &Item) -> Option<String> {
    let moment = item.moment.map(|moment| moment.name());
    match item.kind {
        ItemKind::Hash | ItemKind::Strict => None,
        ItemKind::Result => Some(item.name.clone()),
        ItemKind::Tensors => moment.map(|moment| format!("{moment}, {}", item.full_name())),
        ItemKind::Loss => moment,
        _ => item.moment.map(|moment| match &item.part {
            Some(part) => format!("step {}, {part}", moment.step),
            None => format!("step {}", moment.step),
        }),
    }
}
