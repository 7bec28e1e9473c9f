//! Losses of a step.

use crate::repro::compare::item::{Item, Measure};
use crate::repro::compare::kind::ItemKind;
use crate::repro::report::{Losses, Number, Phase};

/// Compares the losses of a step, in the order of its phases.
pub fn items(run: &str, step: u64, one: &Losses, two: &Losses, tolerance: Option<f64>) -> Vec<Item> {
    let pairs = [
        (Phase::Discriminator, &one.discriminator, &two.discriminator),
        (Phase::Classifier, &one.classifier, &two.classifier),
        (Phase::Generator, &one.generator, &two.generator),
    ];
    let items = pairs.into_iter().filter_map(|(phase, one, two)| {
        let item = Item::new(ItemKind::Loss, run, "loss").at(step, Some(phase));
        match (one, two) {
            (None, None) => None,
            (Some(one), Some(two)) if one == two => Some(item.same(tolerance)),
            (Some(one), Some(two)) => Some(item.measured(Measure { found: apart(one, two), allowed: tolerance })),
            _ => Some(item.different("only one report has it")),
        }
    });
    items.collect()
}

/// The difference of two numbers; none if one is not finite.
pub fn apart(one: &Number, two: &Number) -> Option<f64> {
    let difference = (f64::from(one.value()?) - f64::from(two.value()?)).abs();
    Some(difference).filter(|difference| difference.is_finite())
}
