//! A report reveals every fault, and comparing it names the layer, the item and the step.

use std::sync::OnceLock;

use burn::tensor::Device;
use slgan::kernels::altered::alter;
use slgan::repro::Layer;
use slgan::repro::compare::{NamedReport, Pair, Verdict, compare};
use slgan::repro::report::{Course, Phase, Report};
use slgan::repro::{Fault, Suite, run_with_fault};

use crate::adapter;
use crate::reports::{Memory, environment};

fn report(device: &Device, fault: Option<Fault>) -> Report {
    let mut memory = Memory::default();
    let run = run_with_fault(&Suite::BRIEF, device, environment(), fault, &mut memory);
    pollster::block_on(run).expect("the device can be read")
}

/// The report of the CPU without a fault.
fn good() -> &'static Report {
    &crate::suite::report().0
}

const OTHER_SEED: Fault = Fault::Seed { step: 1 };

/// The same with another seed in one phase.
fn with_other_seed() -> &'static Report {
    static FAULTY: OnceLock<Report> = OnceLock::new();
    FAULTY.get_or_init(|| report(&Device::flex(), Some(OTHER_SEED)))
}

/// The first digested tensor that differs, with its step, phase and group.
fn first_tensor(one: &Course, two: &Course) -> Option<(u64, Phase, String, String)> {
    for (one, two) in one.digests.iter().zip(&two.digests) {
        for (first, second) in one.phases.iter().zip(&two.phases) {
            for (group, other) in first.groups.iter().zip(&second.groups) {
                let mut pairs = group.tensors.iter().zip(&other.tensors);
                if let Some((tensor, _)) = pairs.find(|(one, two)| one.sha256 != two.sha256) {
                    return Some((one.step, first.phase, group.group.clone(), tensor.name.clone()));
                }
            }
        }
    }
    None
}

/// A faulty report beside one without a fault.
fn compared(good: &Report, faulty: &Report) -> Pair {
    let reports = [("good", good), ("faulty", faulty)].map(|(name, report)| NamedReport::new(name, report.clone()));
    let comparison = compare(&reports).expect("both are of the same suite");
    assert_eq!(comparison.good, comparison.pairs[0].is_good());
    comparison.pairs[0].clone()
}

/// Comparing names the first tensor of every run that differs.
#[track_caller]
fn names_first_tensors(pair: &Pair, faulty: &Report) {
    assert_eq!(pair.partings.len(), faulty.training.len(), "{:?}", pair.partings);
    for ((found, good), faulty) in pair.partings.iter().zip(&good().training).zip(&faulty.training) {
        let (step, phase, group, tensor) = first_tensor(&good.course, &faulty.course).expect("a tensor differs");
        let place = (found.parting.step, found.parting.phase, found.parting.item.clone());
        assert_eq!(
            (found.run.as_str(), place),
            (good.name.as_str(), (step, Some(phase), format!("{group}: {tensor}")))
        );
    }
}

/// The first item outside, for people.
#[track_caller]
fn first_outside(pair: &Pair) -> (Layer, String) {
    let item = pair.first_outside().expect("something is outside");
    assert!(!pair.is_good() && pair.sentence.contains(&item.place()), "{}", pair.sentence);
    (item.layer, item.place())
}

/// The first step whose losses or decisions differ.
fn first_figures(one: &Course, two: &Course) -> Option<u64> {
    one.steps.iter().zip(&two.steps).find(|(one, two)| one != two).map(|(one, _)| one.step)
}

/// The place of a fault in every run: step, phase and group of the first tensor that differs.
#[track_caller]
fn is_at(fault: Fault, expected: (u64, Phase, &str)) -> Pair {
    is_in(&report(&Device::flex(), Some(fault)), fault, expected)
}

#[track_caller]
fn is_in(faulty: &Report, fault: Fault, expected: (u64, Phase, &str)) -> Pair {
    assert!(
        faulty.exact == good().exact && faulty.strict == good().strict && faulty.kernels == good().kernels,
        "{fault:?} is no fault of training"
    );
    for (good, faulty) in good().training.iter().zip(&faulty.training) {
        let (step, phase, group, tensor) = first_tensor(&good.course, &faulty.course).expect("a tensor differs");
        assert_eq!((step, phase, group.as_str()), expected, "{fault:?}, {}: {tensor}", good.name);
        assert!(faulty.repeat.identical, "{fault:?}: the same fault twice is the same run");
        let groups = faulty.growth.steps.iter().flat_map(|step| &step.groups);
        let farthest = groups.filter_map(|group| group.distance.device).fold(0.0, f64::max);
        assert!(farthest > 0.0, "{fault:?}, {}: the device is not far from the CPU", good.name);
    }
    let pair = compared(good(), faulty);
    names_first_tensors(&pair, faulty);
    assert!(pair.causes[0].contains("same bits on fixed inputs"), "{:?}", pair.causes);
    pair
}

#[test]
fn equal_reports_are_identical() {
    let pair = compared(good(), good());
    assert!(pair.is_good() && pair.partings.is_empty() && pair.causes.is_empty(), "{}", pair.sentence);
}

#[test]
fn a_gradient_that_is_rounded_otherwise_is_found() {
    let pair = is_at(Fault::Rounding { step: 1 }, (1, Phase::Discriminator, "gradients"));
    assert!(pair.is_good(), "one rounding is within every budget: {}", pair.sentence);
}

#[test]
fn images_in_another_order_are_found() {
    for step in [1, 3] {
        let pair = is_at(Fault::Batch { step }, (step, Phase::Inputs, "images"));
        let (layer, place) = first_outside(&pair);
        let expected = format!("the run no labels, step {step}, inputs, images: ");
        assert!(layer == Layer::Training && place.starts_with(&expected), "{place}");
    }
}

#[test]
fn another_seed_in_one_phase_is_found() {
    let pair = is_in(with_other_seed(), OTHER_SEED, (1, Phase::Generator, "gradients"));
    let (layer, place) = first_outside(&pair);
    let expected = "the run no labels, step 1, generator, gradients: ";
    assert!(layer == Layer::Training && place.starts_with(expected), "{place}");
}

#[test]
fn another_seed_is_outside_the_tolerance() {
    for run in &with_other_seed().training {
        let mut groups = run.growth.steps[0].groups.iter();
        let gradients = groups.find(|group| group.phase == Phase::Generator && group.group == "gradients");
        let distance = gradients.expect("the gradients are digested").distance;
        assert!(distance.device > distance.tolerance, "{}: {distance:?}", run.name);
    }
}

/// The bit may be too small to change a picture, but not the weights after the step.
#[test]
fn a_flipped_bit_of_a_weight_is_found() {
    let faulty = report(&Device::flex(), Some(Fault::WeightBit { step: 3 }));
    for (good, faulty) in good().training.iter().zip(&faulty.training) {
        let found = first_tensor(&good.course, &faulty.course).map(|(step, ..)| step);
        assert_eq!(found, Some(3), "{}", good.name);
        assert!(first_figures(&good.course, &faulty.course).is_none_or(|step| step == 3), "{}", good.name);
    }
    let pair = compared(good(), &faulty);
    names_first_tensors(&pair, &faulty);
    assert!(pair.is_good(), "one bit is within every budget: {}", pair.sentence);
}

#[test]
fn a_dropped_label_is_found() {
    let faulty = report(&Device::flex(), Some(Fault::Label));
    let pairs = good().exact.iter().zip(&faulty.exact).filter(|(good, faulty)| good != faulty);
    let differ: Vec<&str> = pairs.map(|(good, _)| good.name.as_str()).collect();
    assert!(differ.contains(&"label budget, all labels") && !differ.contains(&"label budget, no labels"), "{differ:?}");
    assert!(!differ.contains(&"pixels of glyphs") && !differ.contains(&"random words"), "{differ:?}");
    for (good, faulty) in good().training.iter().zip(&faulty.training) {
        assert_ne!(good.data, faulty.data, "{}: the fingerprint of the data is the same", good.name);
        // Whether few labels change depends on which images have them.
        match good.name.as_str() {
            "no labels" => assert!(good.course == faulty.course),
            "all labels" => assert_eq!(first_figures(&good.course, &faulty.course), Some(1)),
            _ => {}
        }
    }
    let pair = compared(good(), &faulty);
    let (layer, place) = first_outside(&pair);
    assert!(layer == Layer::Exact && place.contains("label budget"), "{place}");
    assert!(pair.causes.iter().any(|cause| cause.contains("same data or configuration")), "{:?}", pair.causes);
    assert!(pair.partings.iter().any(|found| (found.run.as_str(), found.parting.step) == ("all labels", 1)));
}

#[test]
fn another_constant_of_a_shader_is_found() {
    let Some(device) = adapter::first() else { return };
    let good = report(&device, None);
    let alteration = alter("tanh", "4.673548340e-1", "4.674548340e-1");
    let faulty = report(&device, None);
    drop(alteration);
    assert!(good.exact == faulty.exact);
    assert!(good.strict[..] != faulty.strict[..], "strict arithmetic has the same shader");
    let pairs = good.kernels.results.iter().zip(&faulty.kernels.results).filter(|(good, faulty)| good != faulty);
    let differ: Vec<_> = pairs.map(|(_, faulty)| faulty).collect();
    assert!(!differ.is_empty() && differ.iter().all(|result| result.operation == "tanh"), "{differ:#?}");
    assert!(differ.iter().any(|result| !result.within_budget()), "{differ:#?}");
    for (good, faulty) in good.training.iter().zip(&faulty.training) {
        let (step, ..) = first_tensor(&good.course, &faulty.course).expect("a tensor differs");
        assert_eq!(step, 1, "{}", good.name);
    }
    let pair = compared(&good, &faulty);
    let (layer, place) = first_outside(&pair);
    assert!(layer == Layer::Strict && place.contains("tanh"), "{place}");
    let mut kernels = pair.items.iter().filter(|item| item.layer == Layer::Kernels && item.verdict == Verdict::Outside);
    assert!(kernels.next().is_some_and(|item| item.group == "tanh"), "{:?}", pair.causes);
    assert!(pair.causes[..2].iter().all(|cause| cause.contains("tanh")), "{:?}", pair.causes);
    assert!(pair.partings.iter().all(|found| found.parting.step == 1) && pair.partings.len() == good.training.len());
}
