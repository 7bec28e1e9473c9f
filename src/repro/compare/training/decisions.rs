//! Decisions of a step: which label each real image gets, and whether it passes the gate.

use super::losses::apart;
use crate::repro::compare::item::{Item, Measure};
use crate::repro::compare::kind::ItemKind;
use crate::repro::report::{DecisionRecord, Phase};

/// How many tolerances of a confidence a decision may be from a tie if correct runs disagree about it. A margin has two
/// confidences.
const SIDES: f64 = 2.0;

/// Decisions of one step of two runs.
pub struct Decisions<'a> {
    run: &'a str,
    step: u64,
    one: &'a [DecisionRecord],
    two: &'a [DecisionRecord],
    pairs: Vec<(&'a DecisionRecord, &'a DecisionRecord)>,
}

impl<'a> Decisions<'a> {
    /// The decisions of both runs. Other batches are compared image by image.
    pub fn new(run: &'a str, step: u64, one: &'a [DecisionRecord], two: &'a [DecisionRecord]) -> Self {
        let pairs = if images(one) == images(two) {
            one.iter().zip(two).collect()
        } else {
            let partner = |first: &DecisionRecord| two.iter().find(|second| second.image == first.image);
            one.iter().filter_map(|first| Some((first, partner(first)?))).collect()
        };
        Self { run, step, one, two, pairs }
    }

    /// Which images the batch has.
    pub fn batch(&self) -> Item {
        let (mut one, mut two) = (images(self.one), images(self.two));
        if one == two {
            return self.item(ItemKind::Batch, "batch");
        }
        one.sort_unstable();
        two.sort_unstable();
        self.item(ItemKind::Batch, "batch").different(if one == two {
            "the same images in another order"
        } else {
            "other images"
        })
    }

    /// Confidences, labels and gates, in this order.
    pub fn items(&self, tolerance: Option<f64>, tau: f64) -> [Item; 3] {
        let allowed = tolerance.map(|tolerance| SIDES * tolerance);
        let margin = |one: &DecisionRecord| one.margin.value().map(f64::from);
        let to_tau = |one: &DecisionRecord| one.confidence.value().map(|value| (f64::from(value) - tau).abs());
        [
            self.confidences(tolerance),
            self.decided("labels assigned", |one| one.label.to_string(), margin, allowed),
            self.decided(
                "gates passed",
                |one| if one.passes { "passed" } else { "held back" }.to_owned(),
                to_tau,
                allowed,
            ),
        ]
    }

    fn confidences(&self, allowed: Option<f64>) -> Item {
        let same =
            |one: &DecisionRecord, two: &DecisionRecord| one.confidence == two.confidence && one.margin == two.margin;
        let mut parted = self.pairs.iter().filter(|(one, two)| !same(one, two));
        let Some((first, _)) = parted.next() else {
            return self.item(ItemKind::Confidences, "confidences").same(allowed);
        };
        let distances = self.pairs.iter().map(|(one, two)| apart(&one.confidence, &two.confidence));
        let found = largest(distances);
        self.item(ItemKind::Confidences, "confidences")
            .measured(Measure { found, allowed })
            .with_part(format!("image {}", first.image))
    }

    /// One kind of decision. What differs may have been no further from a tie than `allowed`, on both sides.
    fn decided(
        &self,
        name: &str,
        choice: impl Fn(&DecisionRecord) -> String,
        from_tie: impl Fn(&DecisionRecord) -> Option<f64>,
        allowed: Option<f64>,
    ) -> Item {
        let parted: Vec<_> = self.pairs.iter().filter(|(one, two)| choice(one) != choice(two)).collect();
        let Some((one, two)) = parted.first() else { return self.item(ItemKind::Decisions, name) };
        let found = largest(parted.iter().flat_map(|(one, two)| [from_tie(one), from_tie(two)]));
        let note =
            format!("{} of {} differ; first {} and {}", parted.len(), self.pairs.len(), choice(one), choice(two));
        self.item(ItemKind::Decisions, name)
            .measured(Measure { found, allowed })
            .with_part(format!("image {}", one.image))
            .with_note(note)
    }

    fn item(&self, kind: ItemKind, name: &str) -> Item {
        Item::new(kind, self.run, name).at(self.step, Some(Phase::Inputs))
    }
}

fn images(decisions: &[DecisionRecord]) -> Vec<u32> {
    decisions.iter().map(|decision| decision.image).collect()
}

/// The largest distance; none if one is not finite.
fn largest(mut distances: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    distances.try_fold(0.0, |largest: f64, distance| Some(largest.max(distance.filter(|found| found.is_finite())?)))
}
