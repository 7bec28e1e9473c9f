//! Batches in shards, in one process: gradients add up to those of the whole batch, and statistics are means.

use std::error::Error;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use slgan::labels::LatentPartition;
use slgan::nn::Statistics;
use slgan::nn::parameters::{values, with_values};
use slgan::train::checkpoint::CheckpointFiles;
use slgan::train::event::{Event, StepFigures};
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Draws, InputMaker, Stepper, checkpoint, train};

use crate::few_digits;

/// Largest difference between gradients, in units of the largest gradient of their tensor. Sums of other shards round
/// otherwise; a wrong denominator would differ by a factor.
const ROUNDING: f32 = 1e-4;

/// How far a gradient may be from 0, if terms of both signs cancel. The penalty divides differences of the discriminator's
/// results, which are off by 1e-7, by a sigma of 0.1.
const CANCELLED: f32 = 4e-6;

#[derive(Default)]
struct Memory {
    steps: Vec<StepFigures>,
    saved: CheckpointFiles,
}

impl Shell for Memory {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        match event {
            Event::Step(figures) => self.steps.push(figures),
            Event::Checkpoint(checkpoint) => self.saved = checkpoint.files,
            _ => {}
        }
        Ok(())
    }

    async fn turn(&mut self, _state: &State) -> Control {
        Control::Continue
    }
}

fn task(settings: &[&str]) -> Task {
    let base = ["batch=12", "labels=0.5", "classifier.labelled_batch=6", "report.sample_every=0", "report.log_every=1"];
    few_digits::task(&[&base[..], settings].concat(), 100)
}

fn fresh(task: &Task) -> State {
    State::new(&task.config, &task.architecture(), &Device::flex())
}

fn run(task: &Task, mut state: State) -> Memory {
    let mut memory = Memory::default();
    let device = Device::flex();
    let run = train(task, &mut state, &device, "CPU", None, &mut memory);
    pollster::block_on(run).expect("the run ends well");
    memory
}

/// The tensors of a checkpoint whose names begin with a prefix.
fn tensors(files: &CheckpointFiles, prefix: &str) -> Vec<(String, Vec<f32>)> {
    let file = SafeTensors::deserialize(&files.tensors).expect("a checkpoint");
    let numbers = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let found = file.iter().filter(|(name, _)| name.starts_with(prefix));
    let mut found: Vec<_> = found.map(|(name, view)| (name.to_owned(), numbers(view.data()))).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// A state whose generator makes the same grey images from any batch, so that its batch statistics do not matter.
fn of_grey_images(task: &Task) -> State {
    let mut state = fresh(task);
    let mut weights = values(&state.generator.network);
    weights.retain(|name, _| name.starts_with("output."));
    assert_eq!(weights.len(), 2, "a weight and a bias");
    let shade = |name: &str| if name == "output.bias" { 0.25 } else { 0.0 };
    let mut grey = weights.into_iter().map(|(name, tensor)| (name.clone(), tensor * 0.0 + shade(&name))).collect();
    state.generator.network = with_values(state.generator.network, &mut grey);
    state
}

/// After the first update, the first moments are the gradients, up to a factor.
#[track_caller]
fn gradients_add_up(settings: &[&str]) -> Vec<StepFigures> {
    let settings = [&["steps=1"], settings].concat();
    let whole = task(&settings);
    let expected = run(&whole, of_grey_images(&whole));
    for shards in ["shards=2", "shards=3", "accumulate=6"] {
        let parts = task(&[&settings[..], &[shards]].concat());
        let found = run(&parts, of_grey_images(&parts));
        for prefix in ["discriminator_first_moment.", "classifier_first_moment.", "generator_first_moment.output.bias"]
        {
            let (expected, found) = (tensors(&expected.saved, prefix), tensors(&found.saved, prefix));
            assert!(!expected.is_empty() && expected.len() == found.len(), "{shards}: {prefix}");
            for ((name, expected), (_, found)) in expected.iter().zip(&found) {
                let largest = expected.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
                let pairs = expected.iter().zip(found);
                let error = pairs.fold(0.0, |error: f32, (expected, found)| error.max((expected - found).abs()));
                assert!(
                    error <= ROUNDING * largest + CANCELLED,
                    "{shards}: {name} differs by {error}, its largest is {largest}"
                );
            }
        }
        let losses = |memory: &Memory| {
            let StepFigures { d_loss, g_loss, c_loss, .. } = memory.steps[0];
            [d_loss, g_loss, c_loss].map(|loss| loss.expect("all networks are trained"))
        };
        // The generator's loss comes after the other updates. Adam's first step follows the signs of gradients, and those
        // near 0 may have another sign.
        for ((expected, found), limit) in losses(&expected).into_iter().zip(losses(&found)).zip([1e-5, 5e-3, 1e-5]) {
            assert!((expected - found).abs() < limit, "{shards}: losses {expected} and {found}");
        }
        assert_eq!(expected.steps[0].gate_coverage, found.steps[0].gate_coverage, "{shards}");
        assert_eq!(expected.steps[0].label_agreement, found.steps[0].label_agreement, "{shards}");
    }
    expected.steps
}

#[test]
fn gradients_of_shards_add_up_to_those_of_the_batch() {
    gradients_add_up(&[]);
    gradients_add_up(&["discriminator.r1_weight=1", "discriminator.r1_sigma=0.1", "augment.color=true"]);
    gradients_add_up(&["augment.translation=true", "augment.cutout=true", "generator.conditional=true"]);
    gradients_add_up(&["labels=none", "latent.artificial_labels=4"]);
}

/// Shards differ in how many images they keep, so each has another share of the batch's mean. A fresh teacher is about as
/// confident as chance, so one of these thresholds divides the images.
#[test]
fn gradients_add_up_where_images_are_dropped() {
    let coverages = ["0.101", "0.105", "0.11", "0.12", "0.14", "0.99"].map(|tau| {
        let tau = format!("gate.tau={tau}");
        let penalty = ["discriminator.r1_weight=1", "discriminator.r1_sigma=0.1"];
        let figures = gradients_add_up(&[&["gate.unlabeled=drop", "gate.warm_up=0", &tau], &penalty[..]].concat());
        figures[0].gate_coverage.expect("a gate")
    });
    assert!(coverages.iter().any(|&passed| passed > 0.0 && passed < 1.0), "{coverages:?} of the images pass");
}

/// The oracle generates each half of the batch by itself.
#[test]
fn statistics_are_the_means_of_those_of_shards() {
    let task = task(&["steps=1", "shards=2"]);
    let saved = run(&task, fresh(&task)).saved;
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let latents = Draws::new(&task, partition).latents(0, None).vectors;
    let labels = Tensor::zeros([6, task.subject.label_count], &Device::flex());
    let [first, second] = [0, 1].map(|half| {
        let rows = latents[half * latents.len() / 2..][..latents.len() / 2].to_vec();
        let latents = Tensor::from_data(TensorData::new(rows, [6, task.config.latent.dim]), &Device::flex());
        let mut generator = fresh(&task).generator.network;
        generator.forward(latents, &labels, Statistics::Batch);
        generator.statistics()
    });
    for (name, mean) in tensors(&saved, "generator.").into_iter().filter(|(name, _)| name.contains("norm.")) {
        let short = name.trim_start_matches("generator.");
        let Some((first, second)) = first.get(short).zip(second.get(short)) else { continue };
        let [first, second] = [first, second].map(|tensor| tensor.clone().into_data().iter().collect::<Vec<f32>>());
        let means = first.iter().zip(second).map(|(first, second)| (first + second) * 0.5);
        assert_eq!(mean, means.collect::<Vec<f32>>(), "{name}");
    }
    assert!(first.len() > 4, "statistics were compared");
}

#[test]
fn one_shard_has_the_bits_of_whole_batches() {
    let task = task(&["steps=3", "shards=1", "gate.warm_up=1"]);
    let saved = run(&task, fresh(&task)).saved;
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(&task, partition, &Device::flex()));
    let mut state = fresh(&task);
    for _ in 0..3 {
        stepper.step(&mut state);
    }
    let expected = pollster::block_on(checkpoint::write(&state, &task.config, &task.subject)).unwrap();
    assert!(saved == expected, "a run without shards is not the steps of a stepper");
}
