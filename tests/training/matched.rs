//! Manual labels count on both sides: for as many generated images of a batch as for real ones.

use burn::tensor::Device;
use slgan::labels::LatentPartition;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, StepInputs, Stepper};

use crate::few_digits;

const IMAGES: u64 = 60;

fn task(settings: &[&str]) -> Task {
    few_digits::task(&[&["batch=12", "device=cpu", "gate.warm_up=2"], settings].concat(), IMAGES)
}

/// The inputs of a step of a fresh state.
fn inputs(task: &Task, step: u64) -> StepInputs {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(task, partition, &Device::flex()));
    let state = State { step, ..State::new(&task.config, &task.architecture(), &Device::flex()) };
    stepper.step_inputs(&state).0
}

/// A part of what the discriminator sees.
fn seen(task: &Task, step: u64, name: &str) -> Vec<f32> {
    inputs(task, step).update.tensors()[name].clone().into_data().iter().collect()
}

/// 1 for each real image of a step's batch with a manual label.
fn manual(task: &Task, step: u64) -> Vec<f32> {
    let is_manual = |&index: &u32| if task.manual[index as usize].is_some() { 1.0 } else { 0.0 };
    inputs(task, step).real_indices.iter().map(is_manual).collect()
}

/// No teacher is as sure as this, so only manual labels pass.
#[test]
fn generated_images_stand_in_for_labelled_ones() {
    for unlabeled in ["gate.unlabeled=unconditional", "gate.unlabeled=drop"] {
        let task = task(&["labels=0.5", "gate.tau=1", unlabeled]);
        let mut counts = [0.0; 2];
        for step in [0, 1, 2, 3] {
            let manual = manual(&task, step);
            assert_eq!(seen(&task, step, "real gate"), manual, "{unlabeled}: real images at step {step}");
            assert_eq!(seen(&task, step, "generated gate"), manual, "{unlabeled}: generated ones at step {step}");
            let weight = if unlabeled.ends_with("drop") && step >= 2 { manual.clone() } else { vec![1.0; 12] };
            assert_eq!(seen(&task, step, "generated weight"), weight, "{unlabeled}: weights at step {step}");
            manual.iter().for_each(|&manual| counts[manual as usize] += 1.0);
        }
        assert!(counts.iter().all(|&count| count > 10.0), "images of both kinds: {counts:?}");
    }
}

#[test]
fn without_it_generated_labels_only_pass_by_the_teacher() {
    let task = task(&["labels=0.5", "gate.tau=1", "gate.match_manual=false"]);
    assert_eq!(seen(&task, 2, "real gate"), manual(&task, 2));
    for (step, name) in [(2, "generated gate"), (1, "generated gate"), (1, "real gate")] {
        assert_eq!(seen(&task, step, name), [0.0; 12], "{name} at step {step}");
    }
}

#[test]
fn a_sure_teacher_opens_the_gate_of_the_others() {
    let task = task(&["labels=0.5", "gate.tau=0.01"]);
    for name in ["real gate", "generated gate"] {
        assert_eq!(seen(&task, 2, name), [1.0; 12], "{name} after the warm-up");
        assert_eq!(seen(&task, 1, name), manual(&task, 1), "{name} before its end");
    }
}
