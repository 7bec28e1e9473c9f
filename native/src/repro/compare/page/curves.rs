//! How far the runs of a pair are apart, step by step, and how far they may be.

use std::collections::BTreeMap;

use slgan::repro::compare::{Item, ItemKind, Measure, Pair};
use slgan::repro::report::{Phase, Report, TrainingRun};

use super::plot::{self, Curve};

/// Charts of every run.
pub fn render(pair: &Pair, reference: &Report) -> String {
    let charts: String = reference.training.iter().flat_map(|run| of_run(pair, run)).collect();
    if charts.is_empty() {
        return charts;
    }
    format!(
        "<h3>How far runs move apart</h3>\n<p class=\"hint\">Solid lines are distances, dashed ones what rounding \
         explains at most. The axis of distances is logarithmic; equal bits are on its bottom line.</p>\n\
         <div class=\"charts\">{charts}</div>\n"
    )
}

fn of_run(pair: &Pair, run: &TrainingRun) -> Vec<String> {
    let of_kind = |kind: ItemKind| {
        pair.items.iter().filter(|item| item.kind == kind && item.group == run.name).collect::<Vec<_>>()
    };
    let figures = [curve("losses", &of_kind(ItemKind::Loss)), curve("confidences", &of_kind(ItemKind::Confidences))];
    let weights = [Phase::Discriminator, Phase::Classifier, Phase::Generator].map(|phase| {
        let is_chosen = |item: &&Item| item.name == "weights" && item.moment.and_then(|at| at.phase) == Some(phase);
        let items: Vec<&Item> = of_kind(ItemKind::Tensors).into_iter().filter(is_chosen).collect();
        curve(phase.name(), &items)
    });
    let charts = [
        plot::chart(&format!("{}: losses and confidences", run.name), &figures),
        plot::chart(&format!("{}: weights", run.name), &weights),
    ];
    charts.into_iter().flatten().collect()
}

/// The largest distance of each step.
fn curve(name: &'static str, items: &[&Item]) -> Curve {
    let mut steps: BTreeMap<u64, Measure> = BTreeMap::new();
    for item in items {
        let (Some(moment), Some(measure)) = (item.moment, item.measure) else { continue };
        let farthest = steps.entry(moment.step).or_insert(measure);
        if measure.share() > farthest.share() {
            *farthest = measure;
        }
    }
    Curve {
        name,
        found: steps.iter().map(|(&step, measure)| (step, measure.found)).collect(),
        allowed: steps.iter().map(|(&step, measure)| (step, measure.allowed)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_the_farthest_item_of_each_step() {
        let item = |step, found, allowed| {
            let measure = Measure { found: Some(found), allowed: Some(allowed) };
            Item::new(ItemKind::Loss, "a", "loss").at(step, None).measured(measure)
        };
        let items = [item(1, 0.5, 1.0), item(1, 0.75, 1.0), item(2, 0.0, 2.0)];
        let found = curve("losses", &items.iter().collect::<Vec<_>>());
        assert_eq!(found.found, [(1, Some(0.75)), (2, Some(0.0))]);
        assert_eq!(found.allowed, [(1, Some(1.0)), (2, Some(2.0))]);
    }
}
