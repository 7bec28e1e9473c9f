//! The reproducibility suite on the CPU.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use burn::tensor::Device;
use slgan::kernels::class::DeviceClass;
use slgan::repro::report::{ExactItem, Phase, Report};
use slgan::repro::{Layer, Progress, Suite, run};

use crate::reports::{Memory, environment};

/// The hashes that every platform must have: one line `HASH  NAME` per item. Whoever changes one on purpose also gives
/// the suite another name.
const PINNED: &str = include_str!("../reference/repro_exact.txt");

/// The same for strict arithmetic. Whoever changes it on purpose makes strict runs of before end in other bits.
const PINNED_STRICT: &str = include_str!("../reference/repro_strict.txt");

/// Items whose bytes name the version of the program. Those of the reference reports hold them.
const VERSIONED: [&str; 1] = ["checkpoint, header"];

fn on_the_cpu() -> (Report, Vec<Progress>) {
    let mut memory = Memory::default();
    let report = pollster::block_on(run(&Suite::BRIEF, &Device::flex(), environment(), &mut memory));
    (report.expect("the CPU can be read"), memory.0)
}

/// The report of the CPU, made once.
pub fn report() -> &'static (Report, Vec<Progress>) {
    static REPORT: OnceLock<(Report, Vec<Progress>)> = OnceLock::new();
    REPORT.get_or_init(on_the_cpu)
}

#[test]
fn exact_items_are_pinned() {
    let (report, _) = report();
    let items = report.exact.iter().filter(|item| !VERSIONED.contains(&item.name.as_str()));
    let found: String = items.map(line).collect();
    assert!(found == PINNED.replace('\r', ""), "tests/reference/repro_exact.txt should be:\n{found}");
    let names: BTreeSet<&str> = report.exact.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names.len(), report.exact.len(), "two items share a name");
    assert!(report.exact.iter().all(|item| item.bytes > 0 && item.about.ends_with('.')));
}

/// These hashes are of one machine, and must be those of every other.
#[test]
fn strict_items_are_pinned() {
    let (report, _) = report();
    let found: String = report.strict.iter().map(line).collect();
    assert!(found == PINNED_STRICT.replace('\r', ""), "tests/reference/repro_strict.txt should be:\n{found}");
    assert!(report.strict.iter().all(|item| item.bytes > 0 && item.about.ends_with('.')));
}

fn line(item: &ExactItem) -> String {
    format!("{}  {}\n", item.sha256, item.name)
}

#[test]
fn two_runs_of_the_suite_make_the_same_file() {
    let (first, _) = report();
    let (second, _) = on_the_cpu();
    assert!(first.to_file() == second.to_file(), "two reports of one device differ");
    let read = Report::read_of_suite(&first.to_file(), Suite::BRIEF.name).expect("it can be read");
    let (found, expected) = (format!("{read:#?}"), format!("{first:#?}"));
    let differs = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
    let near = differs.map(|at| expected.lines().skip(at.saturating_sub(12)).take(14).collect::<Vec<_>>().join("\n"));
    assert!(read == *first, "a report that was read differs from the one that was written near {near:?}");
}

#[test]
fn every_operation_is_within_its_budget_in_every_plan() {
    let (report, _) = report();
    let results = &report.kernels.results;
    let outside: Vec<_> = results.iter().filter(|result| !result.within_budget()).collect();
    assert!(outside.is_empty(), "{outside:#?}");
    let operations: BTreeSet<&str> = results.iter().map(|result| result.operation.as_str()).collect();
    let derived: BTreeSet<&str> = report.kernels.derivations.keys().map(String::as_str).collect();
    assert_eq!(operations, derived, "operations, and operations whose budget is derived");
    let key = |at: usize| {
        let result = &results[at];
        (&result.operation, &result.case, result.plan, &result.result)
    };
    let names: BTreeSet<_> = (0..results.len()).map(key).collect();
    assert_eq!(names.len(), results.len(), "two results share a name");
    for operation in ["batch", "batch_norm_relu", "conv2d", "linear"] {
        let plans: BTreeSet<_> =
            results.iter().filter(|result| result.operation == operation).map(|result| result.plan).collect();
        assert_eq!(plans, DeviceClass::FOUND.map(Some).into(), "{operation}");
    }
}

#[test]
fn runs_are_traced_step_by_step() {
    let (report, _) = report();
    let names: Vec<&str> = report.training.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["no labels", "few labels", "all labels"]);
    for run in &report.training {
        assert!(run.repeat.identical && run.repeat.parting.is_none(), "{}", run.name);
        assert_eq!(run.course.steps.len() as u64, Suite::BRIEF.steps);
        let digested: Vec<u64> = run.course.digests.iter().map(|digests| digests.step).collect();
        assert_eq!(digested, Suite::BRIEF.digested);
        for digests in &run.course.digests {
            assert!(digests.phases.iter().map(|phase| phase.phase).eq(Phase::ALL), "{}", run.name);
        }
        let losses = run.course.steps.iter().flat_map(|step| {
            [&step.losses.discriminator, &step.losses.classifier, &step.losses.generator].map(Option::as_ref)
        });
        assert!(losses.flatten().all(|loss| loss.value().is_some_and(f32::is_finite)), "{}", run.name);
        assert!(!run.course.images.png.is_empty());
    }
}

/// On the CPU, the device's run is the one that the ensemble was made around.
#[test]
fn tolerances_grow_from_the_first_step_on() {
    let (report, _) = report();
    for run in &report.training {
        let growth = &run.growth;
        assert_eq!((growth.members, growth.steps.len() as u64), (Suite::BRIEF.members, Suite::BRIEF.steps));
        for step in &growth.steps {
            let distances = step.groups.iter().map(|group| group.distance).chain([step.losses, step.confidences]);
            for distance in distances {
                assert_eq!(distance.device, Some(0.0), "{} step {}", run.name, step.step);
                assert!(distance.tolerance > distance.max && distance.max >= distance.mean, "{distance:?}");
            }
        }
        let weights = |step: usize| {
            let groups = &growth.steps[step].groups;
            let found =
                groups.iter().find(|group| (group.phase, group.group.as_str()) == (Phase::Generator, "weights"));
            found.and_then(|group| group.distance.max).expect("the weights are digested")
        };
        let last = growth.steps.len() - 1;
        assert!(weights(0) > 0.0 && weights(last) > weights(0), "{}: {} {}", run.name, weights(0), weights(last));
        let images = &growth.steps[0].groups[0];
        assert_eq!((images.phase, images.group.as_str()), (Phase::Inputs, "images"));
        assert!(images.distance.max > Some(0.0), "the first images come from weights with noise");
        assert!(
            weights(last) < 0.1,
            "{}: noise of the size of rounding moved the weights by {}",
            run.name,
            weights(last)
        );
    }
}

#[test]
fn progress_goes_up_to_the_end_of_every_layer() {
    let (_, progress) = report();
    for layer in Layer::ALL {
        let shares: Vec<f64> = progress.iter().filter(|seen| seen.layer == layer).map(|seen| seen.share).collect();
        assert!(
            shares.is_sorted() && shares.last().is_some_and(|&last| (last - 1.0).abs() < 1e-9),
            "{layer:?}: {shares:?}"
        );
    }
}
