//! Why two reports differ, as far as they show it.

use std::collections::BTreeSet;

use super::environment::Difference;
use super::item::Item;
use super::kind::ItemKind;
use super::verdict::Verdict;
use crate::repro::progress::Layer;

/// How many names a sentence has.
const NAMED_MAX: usize = 4;

/// Why two reports differ: a sentence each, from the deepest layer up.
pub fn causes(items: &[Item], differences: &[Difference]) -> Vec<String> {
    let parted = |layer| items.iter().any(|item| item.layer == layer && item.verdict > Verdict::Absent);
    if !Layer::ALL.into_iter().any(parted) {
        return Vec::new();
    }
    let sentences = [
        exact(items, differences),
        strict(items),
        task(items),
        repeat(items),
        kernels(items),
        training(items, differences),
    ];
    let mut causes: Vec<String> = sentences.into_iter().flatten().collect();
    causes.push(environment(differences, [Layer::Strict, Layer::Kernels, Layer::Training].into_iter().any(parted)));
    causes.extend(excused(items));
    causes
}

fn exact(items: &[Item], differences: &[Difference]) -> Option<String> {
    let names = outside(items, Layer::Exact).map(|item| item.name.as_str());
    let names = listed(names.collect())?;
    let other = |difference: &&Difference| difference.field == "version" || difference.field.starts_with("libraries.");
    let programs = listed(differences.iter().filter(other).map(|difference| difference.what.as_str()).collect());
    let reason = match programs {
        Some(programs) => format!("The programs are not the same ({programs}), which may explain it"),
        None => "The program or its data must have changed, or memory is faulty".to_owned(),
    };
    Some(format!("The exact layer differs ({names}), and that is not rounding. {reason}."))
}

/// Strict arithmetic differs by itself only if what lies below is the same.
fn strict(items: &[Item]) -> Option<String> {
    let names = listed(outside(items, Layer::Strict).map(|item| item.name.as_str()).collect())?;
    Some(format!(
        "Strict arithmetic does not have the same bits ({names}), so strict runs cannot move between these devices. \
         Where only this differs, a compiler has reordered or fused what WGSL lets it, and usual runs are not concerned."
    ))
}

fn task(items: &[Item]) -> Option<String> {
    let found = outside(items, Layer::Training).filter(|item| item.kind == ItemKind::Task);
    let runs = listed(found.map(|item| item.group.as_str()).collect())?;
    Some(format!("Runs of the same name do not have the same data or configuration ({runs}), so they cannot agree."))
}

fn repeat(items: &[Item]) -> Option<String> {
    let item = outside(items, Layer::Training).find(|item| item.kind == ItemKind::Repeat)?;
    Some(format!("Equal runs on one device should have equal bits, but {}.", item.note))
}

fn kernels(items: &[Item]) -> Option<String> {
    if let Some(wrong) = listed(outside(items, Layer::Kernels).map(|item| item.group.as_str()).collect()) {
        return Some(format!(
            "Operations are further from float64 than rounding explains ({wrong}): their kernels, or what a driver \
             makes of them, are wrong."
        ));
    }
    let rounded = items.iter().filter(|item| item.layer == Layer::Kernels && item.verdict == Verdict::Within);
    let names = listed(rounded.map(|item| item.group.as_str()).collect())?;
    Some(format!("Operations round otherwise, each within its budget of float64 ({names})."))
}

/// What runs show that operations do not.
fn training(items: &[Item], differences: &[Difference]) -> Option<String> {
    let of = |layer| items.iter().filter(move |item| item.layer == layer && item.verdict > Verdict::Absent);
    let in_course = of(Layer::Training).any(|item| item.moment.is_some());
    if !in_course || of(Layer::Exact).chain(of(Layer::Kernels)).next().is_some() {
        return None;
    }
    let plan = differences.iter().find(|difference| difference.field == "device.class" && difference.bears);
    Some(match plan {
        Some(plan) => format!(
            "Every operation has the same bits, but the runs use the kernels of two plans ({} and {}).",
            plan.reference, plan.other
        ),
        None => {
            "Every operation has the same bits on fixed inputs, so something in the runs is not the same: a weight, \
                 an image, a label, a random number, or a rounding that the operations do not show."
                .to_owned()
        }
    })
}

fn environment(differences: &[Difference], is_computed: bool) -> String {
    let bearing: Vec<&Difference> = leading(differences).filter(|_| is_computed).collect();
    let more = bearing.len().saturating_sub(NAMED_MAX);
    let named: Vec<String> = bearing
        .iter()
        .take(NAMED_MAX)
        .map(|Difference { what, reference, other, .. }| format!("{what} ({other}; reference {reference})"))
        .collect();
    match named.as_slice() {
        [] if is_computed => {
            "Nothing that the environments tell can change bits. Either they do not tell enough, or one \
                              of the devices does not compute what it should."
                .to_owned()
        }
        [] => "Only what is independent of the device differs.".to_owned(),
        some if more > 0 => format!("What can change bits: {}, and {more} more.", some.join(", ")),
        some => format!("What can change bits: {}.", some.join(", ")),
    }
}

/// Differences that can change bits, without those that follow from another one.
fn leading(differences: &[Difference]) -> impl Iterator<Item = &Difference> {
    let has = |field: &str| differences.iter().any(|difference| difference.field == field);
    let (other_kind, other_device) = (has("device.backend"), has("device.name"));
    differences.iter().filter(move |difference| {
        let follows = match difference.field.as_str() {
            "device.interface" | "device.driver" | "device.driver_version" => other_kind,
            "device.vendor" | "device.architecture" => other_kind || other_device,
            _ => false,
        };
        difference.bears && !follows
    })
}

fn excused(items: &[Item]) -> Option<String> {
    let found = items.iter().filter(|item| item.verdict == Verdict::Excused);
    let runs = listed(found.clone().map(|item| item.group.as_str()).collect())?;
    let note = found.map(|item| item.note.as_str()).next().unwrap_or_default();
    Some(format!(
        "Two correct devices may decide otherwise about an image that is nearly a tie. From there on, runs follow \
         different labels and part for good ({runs}: {note})."
    ))
}

fn outside(items: &[Item], layer: Layer) -> impl Iterator<Item = &Item> {
    items.iter().filter(move |item| item.layer == layer && item.verdict == Verdict::Outside)
}

/// Names without repetition, the first few; none if there are none.
fn listed(names: Vec<&str>) -> Option<String> {
    let mut seen = BTreeSet::new();
    let names: Vec<&str> = names.into_iter().filter(|name| seen.insert(*name)).collect();
    let more = names.len().saturating_sub(NAMED_MAX);
    let first = names.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join("; ");
    match (names.len(), more) {
        (0, _) => None,
        (_, 0) => Some(first),
        _ => Some(format!("{first}; and {more} more")),
    }
}
