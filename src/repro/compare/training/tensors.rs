//! Tensors of a step, by their digests.

use super::tolerances::Tolerances;
use crate::repro::compare::item::{Item, Measure};
use crate::repro::compare::kind::ItemKind;
use crate::repro::compare::paired::{Paired, paired};
use crate::repro::report::{GroupDigests, Phase, StepDigests, TensorDigest};

/// How many times the true distance an estimate of it may be. The estimate's square is a mean of at least four squares
/// of nearly normal numbers. Such a mean is more than 2.5^2 times its expectation only once in 20,000 cases
/// (chi-square with four degrees of freedom).
const ESTIMATE: f64 = 2.5;

/// Compares the digests of a step, group by group in the order of computation.
pub fn items(run: &str, one: &StepDigests, two: &StepDigests, tolerances: Tolerances<'_>) -> Vec<Item> {
    let (first, second) = (groups(one), groups(two));
    let pairs = paired(&first, &second, |(phase, group)| (*phase, group.group.as_str()));
    let named = |phase: Phase, name: &str| Item::new(ItemKind::Tensors, run, name).at(one.step, Some(phase));
    let item = |pair: Paired<'_, (Phase, &GroupDigests)>| match pair {
        Paired::Both((phase, one), (_, two)) => {
            both(named(*phase, &one.group), one, two, tolerances.group(*phase, &one.group))
        }
        Paired::First((phase, group)) | Paired::Second((phase, group)) => {
            named(*phase, &group.group).different("only one report has it")
        }
    };
    pairs.into_iter().map(item).collect()
}

fn groups(digests: &StepDigests) -> Vec<(Phase, &GroupDigests)> {
    digests.phases.iter().flat_map(|phase| phase.groups.iter().map(|group| (phase.phase, group))).collect()
}

fn both(item: Item, one: &GroupDigests, two: &GroupDigests, tolerance: Option<f64>) -> Item {
    let pairs = paired(&one.tensors, &two.tensors, |tensor| tensor.name.as_str());
    let (mut parted, mut lone, mut first) = (Vec::new(), false, None);
    for pair in &pairs {
        let name = match pair {
            Paired::Both(one, two) if one.sha256 == two.sha256 && one.count == two.count => continue,
            Paired::Both(one, two) => {
                lone |= one.count != two.count;
                parted.push((*one, *two));
                &one.name
            }
            Paired::First(tensor) | Paired::Second(tensor) => {
                lone = true;
                &tensor.name
            }
        };
        first.get_or_insert(name.clone());
    }
    let allowed = tolerance.map(|tolerance| ESTIMATE * tolerance);
    let Some(first) = first else { return item.same(allowed) };
    let item = item.with_part(first);
    if lone {
        return item.different("the reports have other tensors");
    }
    let found = distance(&one.tensors, &parted);
    item.measured(Measure { found, allowed }).with_note(format!(
        "{} of {} tensors have other bits",
        parted.len(),
        pairs.len()
    ))
}

/// The estimated norm of the difference over the norm of the reference; none if a number is not finite.
fn distance(reference: &[TensorDigest], parted: &[(&TensorDigest, &TensorDigest)]) -> Option<f64> {
    let mut squares = 0.0;
    for (one, two) in parted {
        squares += squared_distance(one, two)?;
    }
    let sizes = reference.iter().map(|tensor| tensor.norm.map(|norm| norm * norm));
    let size: f64 = sizes.sum::<Option<f64>>()?;
    let distance = if squares == 0.0 { 0.0 } else { libm::sqrt(squares / size) };
    Some(distance).filter(|distance| distance.is_finite())
}

/// The mean square of the differences of two tensors' projections, whose expectation is the squared distance.
fn squared_distance(one: &TensorDigest, two: &TensorDigest) -> Option<f64> {
    let count = one.projections.len();
    if count == 0 || count != two.projections.len() {
        return None;
    }
    let differences = one.projections.iter().zip(&two.projections).map(|(one, two)| {
        let difference = one.as_ref()? - two.as_ref()?;
        Some(difference * difference)
    });
    Some(differences.sum::<Option<f64>>()? / count as f64)
}
