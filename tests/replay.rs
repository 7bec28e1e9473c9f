//! Steps that a GPU repeats have the bits of steps that it does launch by launch.

mod adapter;
mod few_digits;

use burn::tensor::{Device, Tensor};
use slgan::kernels::recording::{Recorder, refuse_next};
use slgan::labels::LatentPartition;
use slgan::nn::Statistics;
use slgan::nn::parameters::values;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Replay, StepResult, Stepper};

/// More steps than a recording needs before the gate opens, and as many after.
const STEPS: u64 = 18;
const WARM_UP: u64 = 8;

fn task(settings: &[&str]) -> Task {
    let warm_up = format!("gate.warm_up={WARM_UP}");
    few_digits::task(&[&["batch=6", "labels=0.5", "classifier.labelled_batch=4", &warm_up], settings].concat(), 100)
}

fn stepper<'a>(task: &'a Task, device: &Device) -> Stepper<'a> {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    Stepper::new(&task.config, InputMaker::new(task, partition, device))
}

fn bits<const D: usize>(tensor: Tensor<D>) -> Vec<u32> {
    tensor.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Everything that a step computes and that a shell reads.
fn result_bits(result: StepResult) -> Vec<Vec<u32>> {
    let logits = bits(result.label_logits());
    let losses = [result.d_loss, result.c_loss, result.g_loss].into_iter().flatten().map(bits);
    losses.chain([logits, result.real_indices]).collect()
}

fn state_bits(state: &State) -> Vec<Vec<u32>> {
    let State { generator, discriminator, classifier, average, teacher, .. } = state;
    let optimizers = [&generator.optimizer, &discriminator.optimizer, &classifier.optimizer];
    let networks = [
        values(&generator.network),
        values(&discriminator.network),
        values(&classifier.network),
        values(average),
        values(teacher),
    ];
    let moments = optimizers.iter().flat_map(|one| [one.first_moments.clone(), one.second_moments.clone()]);
    let counts = optimizers.iter().map(|one| vec![one.updates as u32]);
    let tensors = networks.into_iter().chain(moments).flat_map(|named| named.into_values().map(bits));
    tensors.chain(counts).collect()
}

/// Does the same steps both ways, with pictures of the average in between, as a shell makes them. Returns the steps
/// that were repeated.
fn repeated_steps(task: &Task, device: &Device) -> Vec<u64> {
    let (usual, mut replay) = (stepper(task, device), Replay::new(stepper(task, device)));
    let new = || State::new(&task.config, &task.architecture(), device);
    let (mut expected, mut found) = (new(), new());
    let mut repeated = Vec::new();
    for step in 0..STEPS {
        let was_repeating = replay.is_repeating();
        let (usual, again) = (usual.step(&mut expected), replay.step(&mut found));
        assert!(result_bits(usual) == result_bits(again), "results of step {step}");
        assert_eq!((expected.step, found.step), (step + 1, step + 1));
        if was_repeating && replay.is_repeating() {
            repeated.push(step);
        }
        let [first, second] = [&expected, &found].map(|state| picture(task, state, device));
        assert!(first == second, "pictures after step {step}");
    }
    assert!(state_bits(&expected) == state_bits(&found), "states after {STEPS} steps");
    repeated
}

fn picture(task: &Task, state: &State, device: &Device) -> Vec<u32> {
    let latents = Tensor::ones([3, task.config.latent.dim], device);
    let labels = Tensor::zeros([3, task.subject.label_count], device);
    bits(state.average.clone().forward(latents, &labels, Statistics::Kept))
}

#[test]
fn repeated_steps_have_the_bits_of_usual_ones() {
    let Some(device) = adapter::first() else { return };
    for settings in [
        &[][..],
        &[
            "labels=none",
            "classifier.dropout=0",
            "latent.artificial_labels=4",
            "discriminator.updates=2",
            "discriminator.r1_weight=1",
            "augment.color=true",
        ],
    ] {
        let repeated = repeated_steps(&task(settings), &device);
        assert!(repeated.iter().any(|&step| step < WARM_UP), "{settings:?}: {repeated:?} before the gate opens");
        assert!(repeated.contains(&(STEPS - 1)), "{settings:?}: {repeated:?} after the gate opens");
    }
}

#[test]
fn the_cpu_repeats_nothing() {
    assert!(repeated_steps(&task(&[]), &Device::flex()).is_empty());
}

/// Adam overwrites moments only if nobody else holds them, so they have no fixed place.
#[test]
fn a_state_whose_moments_are_held_is_not_repeated() {
    let Some(device) = adapter::first() else { return };
    let task = task(&[]);
    let (usual, mut replay) = (stepper(&task, &device), Replay::new(stepper(&task, &device)));
    let new = || State::new(&task.config, &task.architecture(), &device);
    let (mut expected, mut found) = (new(), new());
    for _ in 0..6 {
        let held = found.discriminator.optimizer.second_moments.clone();
        let (usual, again) = (usual.step(&mut expected), replay.step(&mut found));
        assert!(result_bits(usual) == result_bits(again) && !replay.is_repeating());
        drop(held);
    }
    assert!(state_bits(&expected) == state_bits(&found));
}

/// A state that someone replaced is not the recorded one.
#[test]
fn another_state_is_recorded_anew() {
    let Some(device) = adapter::first() else { return };
    let task = task(&[]);
    let (usual, mut replay) = (stepper(&task, &device), Replay::new(stepper(&task, &device)));
    let new = || State::new(&task.config, &task.architecture(), &device);
    let mut first = new();
    while !replay.is_repeating() {
        replay.step(&mut first);
    }
    let (mut expected, mut found) = (new(), new());
    for _ in 0..6 {
        usual.step(&mut expected);
        replay.step(&mut found);
    }
    assert!(state_bits(&expected) == state_bits(&found));
}

/// The runtime takes everything that a refused recording has bound for unwritten. The run goes on without it.
#[test]
fn a_refused_recording_changes_nothing() {
    let Some(device) = adapter::first() else { return };
    let task = task(&[]);
    refuse_next();
    assert!(repeated_steps(&task, &device).is_empty());
}

#[test]
fn what_cannot_be_recorded_is_an_error_and_ends_nothing() {
    let Some(device) = adapter::first() else { return };
    let ones = Tensor::<1>::ones([8], &device);
    let recorder = Recorder::of(&ones).expect("an adapter records");
    recorder.prepare().unwrap();
    let upload = || Tensor::<1>::from_floats([1.0, 2.0], &device) * 2.0;
    let error = recorder.record(upload).unwrap_err().to_string();
    assert!(error.starts_with("the device could not record launches: "), "{error}");
    assert_eq!(bits(ones.clone() * 2.0), vec![2.0f32.to_bits(); 8], "the device goes on");
    assert!(Recorder::of(&Tensor::<1>::ones([8], &Device::flex())).is_none(), "the CPU records nothing");
}
