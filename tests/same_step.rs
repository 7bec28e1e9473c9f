//! The first steps are the same on every backend, except for rounding.

mod adapter;
mod few_digits;

use burn::tensor::Device;
use slgan::kernels::launches::listed;
use slgan::labels::LatentPartition;
use slgan::train::state::State;
use slgan::train::{InputMaker, Stepper};

const STEPS: u64 = 3;

/// How far losses of order 1 may differ after some steps. Adam amplifies rounding: its first updates have the size of
/// the learning rate, however small the gradient.
const TOLERANCE: f64 = 2e-3;

/// The same with R1, which divides the difference of two scores, and so their rounding, by a step. The default step of
/// 0.01 makes too much of rounding for a comparison.
const TOLERANCE_WITH_R1: f64 = 1e-2;

/// The losses of discriminator, classifier and generator, step by step.
fn losses(settings: &[&str], device: &Device) -> Vec<f64> {
    let task = few_digits::task(settings, 400);
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(&task, partition, device));
    let mut state = State::new(&task.config, &task.architecture(), device);
    let read = |loss: Option<burn::tensor::Tensor<1>>| {
        let data = loss.expect("all networks are trained").into_data();
        data.iter::<f64>().next().expect("one number")
    };
    let mut found = Vec::new();
    for _ in 0..STEPS {
        let result = stepper.step(&mut state);
        found.extend([result.d_loss, result.c_loss, result.g_loss].map(read));
    }
    found
}

#[track_caller]
fn agree(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0));
    assert!(close && found.len() == 3 * STEPS as usize, "{what}:\n{found:?}\nshould be\n{expected:?}");
}

#[test]
fn an_adapter_takes_the_same_steps_as_the_cpu() {
    let Some(adapter) = adapter::first() else { return };
    let base = ["batch=6", "labels=0.5", "classifier.labelled_batch=4", "gate.warm_up=1", "gate.tau=0.1"];
    for more in [
        vec![],
        vec!["augment.color=true", "augment.translation=true", "augment.cutout=true", "images.flip=true"],
        vec![
            "generator.conditional=true",
            "gate.pseudo_label=soft",
            "discriminator.r1_weight=1.0",
            "discriminator.r1_sigma=0.1",
        ],
        vec!["latent.artificial_labels=20", "classifier.prior_correction=false", "gate.unlabeled=drop"],
    ] {
        let settings: Vec<&str> = base.iter().copied().chain(more).collect();
        let has_r1 = settings.iter().any(|setting| setting.starts_with("discriminator.r1_weight"));
        let tolerance = if has_r1 { TOLERANCE_WITH_R1 } else { TOLERANCE };
        let cpu = losses(&settings, &Device::flex());
        assert!(cpu.iter().all(|loss| loss.is_finite()));
        agree(&format!("{settings:?}"), &losses(&settings, &adapter), &cpu, tolerance);
    }
}

/// The class of the device reaches the layers, and the kernels for GPUs compute the same.
#[test]
fn the_kernels_for_gpus_take_the_same_steps() {
    let Some(adapter) = adapter::first() else { return };
    let base = ["batch=6", "labels=0.5", "classifier.labelled_batch=4", "gate.warm_up=1", "gate.tau=0.1"];
    let cpu = losses(&base, &Device::flex());
    for class in ["software", "discrete"] {
        let setting = format!("device_class={class}");
        let settings: Vec<&str> = base.into_iter().chain([setting.as_str()]).collect();
        let (found, launches) = listed(|| losses(&settings, &adapter));
        let tiled = launches.iter().filter(|launched| launched.name.starts_with("conv2d_tiled_")).count();
        assert_eq!(tiled > 0, class == "discrete", "{class}: {tiled} of {} launches", launches.len());
        agree(class, &found, &cpu, TOLERANCE);
    }
}
