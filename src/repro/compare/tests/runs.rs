//! Runs: distances, decisions, and where they part.

use crate::repro::compare::pair::pair;
use crate::repro::compare::samples::{parted, png, report, with};
use crate::repro::compare::{Item, Measure, NamedReport, Pair, Verdict, rows};
use crate::repro::report::{GroupDigests, Number, Parting, Phase, Repeat, Report};

/// A group of the first run's digests.
fn group<'a>(report: &'a mut Report, step: usize, phase: Phase, name: &str) -> &'a mut GroupDigests {
    let phases = &mut report.training[0].course.digests[step].phases;
    let groups = phases.iter_mut().find(|found| found.phase == phase).map(|found| &mut found.groups);
    groups.and_then(|groups| groups.iter_mut().find(|found| found.group == name)).unwrap()
}

/// Changes the second tensor of a group, so that its estimated relative distance is `distance`.
fn move_tensor(report: &mut Report, step: usize, phase: Phase, name: &str, distance: f64) {
    let tensor = &mut group(report, step, phase, name).tensors[1];
    tensor.sha256 = "0".into();
    // Two tensors of norm 2, and four equal differences.
    let difference = distance * 8f64.sqrt();
    tensor.projections.iter_mut().flatten().for_each(|projection| *projection += difference);
}

fn only(pair: &Pair) -> &Item {
    let [item] = parted(pair)[..] else { panic!("{:#?}", parted(pair)) };
    item
}

fn place(pair: &Pair) -> (u64, Option<Phase>, &str, u64) {
    let [parting] = &pair.partings[..] else { panic!("{:?}", pair.partings) };
    assert_eq!(parting.run, "few labels");
    let Parting { step, phase, item } = &parting.parting;
    (*step, *phase, item, parting.equal_through)
}

#[test]
fn losses_are_within_the_tolerance_of_their_step_or_outside() {
    for (loss, verdict) in [(1.0009, Verdict::Within), (1.0011, Verdict::Outside), (f32::NAN, Verdict::Outside)] {
        let pair = with(|report| {
            report.training[0].course.steps[1].losses.discriminator = Some(Number::new(loss));
        });
        assert_eq!(only(&pair).verdict, verdict, "{loss}");
        assert_eq!(place(&pair), (2, Some(Phase::Discriminator), "loss", 1));
    }
    let missing = with(|report| report.training[0].course.steps[0].losses.generator = None);
    assert_eq!(only(&missing).verdict, Verdict::Outside);
}

/// A step whose perturbed losses happen to lie close together does not forbid what earlier ones have shown.
#[test]
fn tolerances_of_earlier_steps_hold_later() {
    for (wide, verdict) in [(0, Verdict::Within), (1, Verdict::Within), (2, Verdict::Outside)] {
        let with_loss = |loss| {
            let mut report = report();
            report.training[0].growth.steps[wide].losses.tolerance = Some(2e-3);
            report.training[0].course.steps[1].losses.discriminator = Some(Number::new(loss));
            report
        };
        let pair = pair(&NamedReport::new("a.json", with_loss(1.0)), &NamedReport::new("b.json", with_loss(1.0015)));
        assert_eq!(only(&pair).verdict, verdict, "the tolerance of step {} is wide", wide + 1);
    }
}

#[test]
fn tensors_are_compared_by_their_projections() {
    // The tolerance is 1e-3, and an estimate may be 2.5 times the distance.
    for (distance, verdict) in [(2.4e-3, Verdict::Within), (2.6e-3, Verdict::Outside)] {
        let pair = with(|report| move_tensor(report, 1, Phase::Discriminator, "weights", distance));
        let item = only(&pair);
        assert_eq!((item.name.as_str(), item.part.as_deref(), item.verdict), ("weights", Some("b"), verdict));
        assert_eq!(item.note, "1 of 2 tensors have other bits");
        let found = item.measure.and_then(|measure| measure.found).unwrap();
        assert!((found - distance).abs() < 1e-9, "{found}");
        assert_eq!(place(&pair), (3, Some(Phase::Discriminator), "weights: b", 1));
        assert!(pair.partings[0].place().contains("equal at step 1; steps between are not digested"));
    }
    let not_finite = with(|report| {
        let tensor = &mut group(report, 0, Phase::Generator, "weights").tensors[0];
        tensor.sha256 = "0".into();
        tensor.projections[2] = None;
    });
    assert_eq!(only(&not_finite).measure, Some(Measure { found: None, allowed: Some(2.5e-3) }));
    assert_eq!(not_finite.verdict, Verdict::Outside);
    let renamed = with(|report| group(report, 0, Phase::Generator, "weights").tensors[0].name = "c".into());
    assert_eq!((only(&renamed).part.as_deref(), only(&renamed).measure), (Some("a"), None));
}

#[test]
fn the_first_parting_is_in_the_order_of_computation() {
    let pair = with(|report| {
        report.training[0].course.steps[0].losses.discriminator = Some(Number::new(1.0001));
        move_tensor(report, 0, Phase::Generator, "weights", 1e-4);
        move_tensor(report, 0, Phase::Discriminator, "gradients", 1e-4);
    });
    assert_eq!(place(&pair), (1, Some(Phase::Discriminator), "gradients: b", 0));
    assert_eq!(pair.verdict, Verdict::Within);
    assert!(pair.causes[0].contains("same bits on fixed inputs"), "{:?}", pair.causes);
    assert!(pair.causes[1].starts_with("Nothing that the environments tell"), "{:?}", pair.causes);
}

#[test]
fn another_order_of_a_batch_is_outside() {
    let pair = with(|report| report.training[0].course.steps[1].decisions.swap(0, 1));
    let item = only(&pair);
    assert_eq!((item.name.as_str(), item.note.as_str()), ("batch", "the same images in another order"));
    assert_eq!(place(&pair), (2, Some(Phase::Inputs), "batch", 1));
    let other = with(|report| report.training[0].course.steps[1].decisions[0].image = 8);
    assert_eq!(only(&other).note, "other images");
}

/// Gives image 9, whose margin is 0.001, another label at step 2.
fn close_decision(report: &mut Report) {
    let decision = &mut report.training[0].course.steps[1].decisions[1];
    (decision.label, decision.margin) = (2, Number::new(0.0005));
}

#[test]
fn a_label_may_differ_only_near_a_tie() {
    let close = with(close_decision);
    let item = parted(&close).into_iter().find(|item| item.name == "labels assigned").unwrap();
    assert_eq!((item.verdict, item.part.as_deref()), (Verdict::Within, Some("image 9")));
    assert_eq!(item.note, "1 of 2 differ; first 1 and 2");
    assert_eq!(item.measure.and_then(|measure| measure.allowed), Some(2e-3));
    let clear = with(|report| report.training[0].course.steps[1].decisions[0].label = 5);
    assert_eq!((only(&clear).name.as_str(), only(&clear).verdict), ("labels assigned", Verdict::Outside));
    let gate = with(|report| report.training[0].course.steps[1].decisions[0].passes = false);
    assert_eq!((only(&gate).name.as_str(), only(&gate).verdict), ("gates passed", Verdict::Outside));
}

#[test]
fn what_follows_a_close_decision_is_excused_and_nothing_before() {
    let after = with(|report| {
        close_decision(report);
        move_tensor(report, 1, Phase::Generator, "weights", 0.5);
    });
    assert_eq!((after.verdict, after.is_good()), (Verdict::Excused, true));
    let weights = parted(&after).into_iter().find(|item| item.name == "weights").unwrap();
    assert_eq!(weights.note, "after the close decision at step 2, inputs: labels assigned: image 9");
    assert!(after.sentence.contains("1 follow a decision"), "{}", after.sentence);
    assert!(after.causes.last().is_some_and(|cause| cause.contains("few labels: after")), "{:?}", after.causes);
    let before = with(|report| {
        move_tensor(report, 0, Phase::Generator, "weights", 0.5);
        close_decision(report);
        move_tensor(report, 1, Phase::Generator, "weights", 0.5);
    });
    let outside = parted(&before).iter().filter(|item| item.verdict == Verdict::Outside).count();
    assert_eq!((before.verdict, outside), (Verdict::Outside, 2));
    let other_run = with(|report| {
        close_decision(report);
        report.training[1].course.steps[2].losses.generator = Some(Number::new(7.0));
    });
    assert_eq!(other_run.verdict, Verdict::Outside);
}

#[test]
fn final_images_are_compared_by_their_pixels() {
    for (pixel, verdict) in [(13, Verdict::Within), (14, Verdict::Outside)] {
        let pair = with(|report| {
            let images = &mut report.training[0].course.images;
            (images.sha256, images.png) = ("0".into(), png(&[pixel, 200]));
        });
        assert_eq!((only(&pair).name.as_str(), only(&pair).verdict), ("final images", verdict));
        assert_eq!(place(&pair), (3, None, "final images", 3));
    }
}

#[test]
fn a_device_that_does_not_agree_with_itself_is_outside() {
    let pair = with(|report| {
        let parting = Parting { step: 2, phase: Some(Phase::Generator), item: "loss".into() };
        report.training[1].repeat = Repeat { identical: false, parting: Some(parting) };
    });
    assert_eq!(only(&pair).note, "b.json does not agree with itself from step 2 on: loss");
    assert!(pair.causes[0].contains("b.json does not agree with itself"), "{:?}", pair.causes);
}

#[test]
fn rows_show_the_worst_step_of_a_kind() {
    let pair = with(|report| {
        report.training[0].course.steps[1].losses.generator = Some(Number::new(0.5001));
        report.training[0].course.steps[2].losses.generator = Some(Number::new(0.5003));
    });
    let row = rows(&pair.items).into_iter().find(|row| row.verdict == Verdict::Within).unwrap();
    assert_eq!(row.full_name(), "few labels, losses");
    assert_eq!((row.counts.identical, row.counts.within, row.first.as_deref()), (4, 2, Some("step 2, generator")));
    let found = row.measure.and_then(|measure| measure.found).unwrap();
    assert!((found - 3e-4).abs() < 1e-6, "{found}");
    let tensors = with(|report| {
        move_tensor(report, 0, Phase::Generator, "weights", 1e-4);
        move_tensor(report, 1, Phase::Generator, "weights", 0.5);
    });
    let row = rows(&tensors.items).into_iter().find(|row| row.verdict == Verdict::Outside).unwrap();
    assert_eq!(row.full_name(), "few labels, tensors of the generator");
    assert_eq!(row.first.as_deref(), Some("step 3, generator, weights: b"));
}
