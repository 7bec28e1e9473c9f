//! The stock step computes the same as ours, so the comparison of times is fair.

use slgan::config::parse_setting;
use slgan::data::{Dataset, glyphs};
use slgan::train::{InputMaker, Stepper};

use super::*;

/// Tolerance for losses of the order of 1 in the first step: sums in another order round differently, and so do the
/// updates before the generator's loss.
const FIRST: f64 = 5e-4;

/// Tolerance after some steps: Adam's first updates have the size of the learning rate even for tiny gradients, so
/// rounding errors of gradients near 0 grow.
const LATER: f64 = 5e-3;

fn task(settings: &[&str]) -> Task {
    let layers: Vec<_> = settings.iter().map(|setting| parse_setting(setting).unwrap()).collect();
    let data = Dataset {
        name: "glyphs".into(),
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        train: glyphs::split(0..200),
        test: glyphs::split(200..210),
        notes: Vec::new(),
    };
    Task::new(Config::from_layers(&layers).unwrap(), data).unwrap()
}

fn number(loss: Tensor<1>) -> f64 {
    loss.into_data().iter::<f64>().next().unwrap()
}

/// Losses of discriminator, classifier and generator per step, for ours and stock.
fn losses(task: &Task, steps: usize) -> [Vec<[f64; 3]>; 2] {
    let device = Device::flex();
    let first = task.config.gate.warm_up + 1;
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(task, partition, &device));
    let mut state = State::new(&task.config, &task.architecture(), &device);
    state.step = first;
    let ours = (0..steps).map(|_| {
        let result = stepper.step(&mut state);
        [result.d_loss, result.c_loss, result.g_loss].map(|loss| number(loss.unwrap()))
    });
    let mut run = StockRun::new(task, &device, first);
    let stock = (0..steps).map(|_| {
        let Losses { discriminator, classifier, generator } = run.step();
        [discriminator, classifier.unwrap(), generator].map(number)
    });
    [ours.collect(), stock.collect()]
}

#[track_caller]
fn agree(settings: &[&str], steps: usize) {
    // burn's dropout draws different random numbers, so the comparison does without dropout.
    let task = task(&[settings, &["batch=6", "labels=0.5", "classifier.dropout=0"]].concat());
    let [ours, stock] = losses(&task, steps);
    for (step, (ours, stock)) in ours.iter().zip(&stock).enumerate() {
        let tolerance = if step == 0 { FIRST } else { LATER };
        let close = ours.iter().zip(stock).all(|(a, b)| (a - b).abs() <= tolerance * a.abs().max(1.0));
        assert!(close, "{settings:?}, step {step}: ours {ours:?}, stock {stock:?}");
    }
}

#[test]
fn the_tiny_step_matches_ours() {
    agree(&["preset=tiny"], 3);
}

#[test]
fn the_tiny_step_matches_ours_if_every_image_passes_the_gate() {
    agree(&["preset=tiny", "gate.tau=0.1"], 3);
}

#[test]
fn the_tiny_step_matches_ours_with_either_enlargement() {
    for enlargement in ["nearest", "bilinear"] {
        agree(&["preset=tiny", &format!("generator.enlargement={enlargement}")], 3);
    }
}

#[test]
fn the_tiny_step_matches_ours_with_odd_kernels() {
    agree(&["preset=tiny", "discriminator.kernel=3"], 3);
}

#[test]
fn the_small_step_matches_ours() {
    agree(&["preset=small"], 2);
}

#[test]
fn the_cifar_step_matches_ours() {
    // The stock step has no schedule of learning rates.
    agree(&["preset=cifar", "discriminator.updates=2", "generator.decay_until=0"], 1);
}

#[test]
fn the_constants_of_stock_match_our_sizes_and_settings() {
    for (preset, written) in [("preset=tiny", Sizes::tiny()), ("preset=small", Sizes::small())] {
        let task = task(&[preset, "labels=0.5"]);
        assert_eq!(sizes(&task.architecture()), written);
        assert_eq!(settings(&task.config), Settings::default());
    }
}
