//! Two reports, compared.

use serde::{Deserialize, Serialize};

use super::counts::{Counts, LayerCounts};
use super::environment::{Difference, differences};
use super::item::Item;
use super::named::NamedReport;
use super::parting::{self, RunParting};
use super::verdict::Verdict;
use super::{cause, exact, kernels, sentence, training};

/// A report, compared with the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The report's name.
    pub name: String,
    /// The worst verdict of its items.
    pub verdict: Verdict,
    /// The verdict in a sentence.
    pub sentence: String,
    /// Why the reports differ, as far as they show it: a sentence each.
    pub causes: Vec<String>,
    /// Where runs part, bit by bit: one entry per run that does.
    pub partings: Vec<RunParting>,
    /// What differs between the environments.
    pub differences: Vec<Difference>,
    /// How many items of each layer have which verdict.
    pub layers: Vec<LayerCounts>,
    /// Everything that was compared, layer by layer. Items of a run are in the order of computation.
    pub items: Vec<Item>,
}

impl Pair {
    /// Whether both reports may come from correct devices.
    pub fn is_good(&self) -> bool {
        self.verdict.is_good()
    }

    /// The first item outside, if there is one.
    pub fn first_outside(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.verdict == Verdict::Outside)
    }
}

/// Compares a report with a reference of the same suite.
pub fn pair(reference: &NamedReport, other: &NamedReport) -> Pair {
    let items = [
        exact::items(reference, other),
        exact::strict_items(reference, other),
        kernels::items(reference, other),
        training::items(reference, other),
    ]
    .concat();
    let differences = differences(&reference.report.environment, &other.report.environment);
    let runs = reference.report.training.iter();
    let partings: Vec<RunParting> = runs.filter_map(|run| parting::of(run, &items)).collect();
    Pair {
        name: other.name.clone(),
        verdict: Counts::of(&items).worst(),
        sentence: sentence::of(&reference.name, &other.name, &items),
        causes: cause::causes(&items, &differences),
        partings,
        differences,
        layers: Counts::by_layer(&items),
        items,
    }
}
