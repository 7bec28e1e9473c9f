//! One run of two reports.

use super::decisions::Decisions;
use super::excuse::excuse;
use super::tolerances::Tolerances;
use super::{images, losses, tensors};
use crate::repro::compare::item::Item;
use crate::repro::compare::kind::ItemKind;
use crate::repro::compare::named::NamedReport;
use crate::repro::compare::paired::{Paired, paired};
use crate::repro::report::{Phase, StepDigests, StepRecord, TrainingRun};

/// Compares the runs, each in the order of computation.
pub fn items(reference: &NamedReport, other: &NamedReport) -> Vec<Item> {
    let pairs = paired(&reference.report.training, &other.report.training, |run| run.name.as_str());
    let of_pair = |pair| match pair {
        Paired::Both(one, two) => both(one, two, [&reference.name, &other.name]),
        Paired::First(one) => vec![lone(one, &reference.name)],
        Paired::Second(two) => vec![lone(two, &other.name)],
    };
    pairs.into_iter().flat_map(of_pair).collect()
}

fn lone(run: &TrainingRun, having: &str) -> Item {
    Item::new(ItemKind::Lone, &run.name, "run").different(format!("only {having} has it"))
}

fn both(one: &TrainingRun, two: &TrainingRun, names: [&str; 2]) -> Vec<Item> {
    let mut items = vec![
        task(&one.name, "configuration", &one.config_sha256, &two.config_sha256),
        task(&one.name, "data", &one.data, &two.data),
        repeat(one, two, names),
    ];
    let mut course = Vec::new();
    for pair in paired(&one.course.steps, &two.course.steps, |step| step.step) {
        match pair {
            Paired::Both(first, second) => course.extend(at_step(one, two, first, second)),
            Paired::First(step) | Paired::Second(step) => {
                let item = Item::new(ItemKind::Lone, &one.name, "step").at(step.step, None);
                course.push(item.different("only one report has it"));
            }
        }
    }
    course.push(images::item(one, &two.course));
    excuse(&mut course);
    items.extend(course);
    items
}

/// Something about the task, which must be the same.
fn task(run: &str, name: &str, one: &str, two: &str) -> Item {
    let item = Item::new(ItemKind::Task, run, name);
    if one == two { item } else { item.different("the runs do not have the same task") }
}

/// Whether both devices agree with themselves.
fn repeat(one: &TrainingRun, two: &TrainingRun, names: [&str; 2]) -> Item {
    let item = Item::new(ItemKind::Repeat, &one.name, "the run again");
    let parted: Vec<String> = [one, two]
        .into_iter()
        .zip(names)
        .filter(|(run, _)| !run.repeat.identical)
        .map(|(run, name)| {
            let at = run.repeat.parting.as_ref().map(|at| format!(" from step {} on: {}", at.step, at.item));
            format!("{name} does not agree with itself{}", at.unwrap_or_default())
        })
        .collect();
    if parted.is_empty() { item } else { item.different(parted.join("; ")) }
}

fn at_step(one: &TrainingRun, two: &TrainingRun, first: &StepRecord, second: &StepRecord) -> Vec<Item> {
    let (run, step) = (one.name.as_str(), first.step);
    let tolerances = Tolerances::at(&one.growth, step);
    let decisions = Decisions::new(run, step, &first.decisions, &second.decisions);
    let tensors = match (digests(one, step), digests(two, step)) {
        (Some(one), Some(two)) => tensors::items(run, one, two, tolerances),
        (None, None) => Vec::new(),
        _ => vec![Item::new(ItemKind::Lone, run, "digests").at(step, None).different("only one report has them")],
    };
    // The step computes images and logits before it decides, and the labels of its phases after that.
    let (before, after): (Vec<Item>, Vec<Item>) = tensors.into_iter().partition(is_before_decisions);
    let mut items = vec![decisions.batch()];
    items.extend(before);
    items.extend(decisions.items(tolerances.confidences(), one.tau));
    items.extend(after);
    items.extend(losses::items(run, step, &first.losses, &second.losses, tolerances.losses()));
    items
}

fn digests(run: &TrainingRun, step: u64) -> Option<&StepDigests> {
    run.course.digests.iter().find(|digests| digests.step == step)
}

fn is_before_decisions(item: &Item) -> bool {
    item.moment.is_some_and(|moment| moment.phase == Some(Phase::Inputs)) && item.name != "labels"
}
