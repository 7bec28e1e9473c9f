//! Label tables: what the discriminator sees of them, when the teacher makes them anew, and that they resume exactly.

use std::error::Error;

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use slgan::config::LabelSource;
use slgan::kernels::batch::assemble;
use slgan::labels::{Confusion, LabelTable, LatentPartition};
use slgan::nn::parameters::Named;
use slgan::train::checkpoint::{self, CheckpointFiles};
use slgan::train::event::Event;
use slgan::train::label_table;
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, LabelTableError, StepInputs, Stepper, TrainError, train};

use crate::few_digits;

const IMAGES: u64 = 60;
const BATCH: usize = 6;
const LABELS: usize = 10;

/// A shell that keeps checkpoints and the tables between steps, and may stop before a step.
#[derive(Default)]
struct Memory {
    checkpoints: Vec<CheckpointFiles>,
    tables: Vec<Option<LabelTable>>,
    stop_at: Option<u64>,
}

impl Shell for Memory {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Event::Checkpoint(checkpoint) = event {
            self.checkpoints.push(checkpoint.files);
        }
        Ok(())
    }

    async fn turn(&mut self, state: &State) -> Control {
        self.tables.push(state.label_table.clone());
        if self.stop_at == Some(state.step) { Control::Stop } else { Control::Continue }
    }
}

fn task(settings: &[&str]) -> Task {
    let base = ["batch=6", "labels=none", "report.sample_every=0", "report.evaluate_every=0", "device=cpu"];
    few_digits::task(&[&base[..], settings].concat(), IMAGES)
}

/// Runs that find all their labels have a table by default, and others have none.
#[test]
fn a_task_without_labels_begins_with_groups_of_pixels() {
    let source = |settings: &[&str]| task(settings).config.label_table.source;
    assert_eq!(source(&[]), LabelSource::Pixels);
    assert_eq!(source(&["labels=all"]), LabelSource::None);
    assert_eq!(source(&["labels=all", "mode=class-conditional"]), LabelSource::None);
    assert_eq!(source(&["mode=unconditional"]), LabelSource::None, "no label reaches the discriminator");
    assert_eq!(source(&["gate.pseudo_label=soft"]), LabelSource::None, "a table has hard labels");
    assert_eq!(source(&["label_table.source=teacher"]), LabelSource::Teacher);
    let few = few_digits::task(&["batch=6", "labels=none", "device=cpu", "latent.artificial_labels=61"], IMAGES);
    assert_eq!(few.config.label_table.source, LabelSource::None, "60 images have no 61 groups");

    // As in a run folder: what was resolved stays.
    let first = task(&[]);
    assert_eq!(first.with_config(first.config.clone()).expect("it fits").config, first.config);
}

fn new_state(task: &Task) -> State {
    State::new(&task.config, &task.architecture(), &Device::flex())
}

fn run(task: &Task, state: &mut State, stop_at: Option<u64>) -> Result<Memory, TrainError> {
    let mut memory = Memory { stop_at, ..Memory::default() };
    pollster::block_on(train(task, state, &Device::flex(), "CPU", None, &mut memory))?;
    Ok(memory)
}

fn whole(task: &Task) -> Memory {
    run(task, &mut new_state(task), None).unwrap_or_else(|error| panic!("{error}"))
}

fn last(memory: &Memory) -> &CheckpointFiles {
    memory.checkpoints.last().expect("a run ends with a checkpoint")
}

fn stepper(task: &Task) -> Stepper<'_> {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    Stepper::new(&task.config, InputMaker::new(task, partition, &Device::flex()))
}

fn inputs(task: &Task, state: &State) -> StepInputs {
    stepper(task).step_inputs(state).0
}

/// A part of what the discriminator sees in step `state.step`, by its name.
fn seen(task: &Task, state: &State, name: &str) -> Vec<f32> {
    inputs(task, state).update.tensors()[name].clone().into_data().iter().collect()
}

/// The numbers of a generator.
fn generator(state: &State) -> Vec<Vec<f32>> {
    let values = slgan::nn::parameters::values(&state.generator.network).into_values();
    values.map(|value| value.into_data().iter::<f32>().collect()).collect()
}

/// The labels of one-hot rows.
fn labels(rows: &[f32]) -> Vec<usize> {
    let label = |row: &[f32]| {
        assert_eq!(row.iter().sum::<f32>(), 1.0);
        row.iter().position(|&weight| weight == 1.0).expect("a label")
    };
    rows.chunks_exact(LABELS).map(label).collect()
}

/// Every image has label 2 or, if its number is divisible by 3, label 5; every fifth does not pass.
fn by_hand(images: usize) -> LabelTable {
    let labels = (0..images).map(|image| if image % 3 == 0 { 5 } else { 2 }).collect();
    LabelTable::new(labels, (0..images).map(|image| image % 5 > 0).collect(), LABELS)
}

fn with_table(task: &Task, step: u64) -> State {
    State { step, label_table: Some(by_hand(task.manual.len())), ..new_state(task) }
}

#[test]
fn the_discriminator_sees_the_table() {
    let task = task(&["label_table.source=teacher", "label_table.ramp=4", "gate.warm_up=2"]);
    let state = with_table(&task, 3);
    let indices = inputs(&task, &state).real_indices;
    let expected: Vec<usize> = indices.iter().map(|image| if image % 3 == 0 { 5 } else { 2 }).collect();
    assert_eq!(labels(&seen(&task, &state, "real labels")), expected);
    // The second of four steps. The table says which real images pass, and generated ones have no gate.
    let gates: Vec<f32> = indices.iter().map(|image| if image % 5 > 0 { 0.5 } else { 0.0 }).collect();
    assert_eq!(seen(&task, &state, "real gate"), gates);
    assert_eq!(seen(&task, &state, "generated gate"), [0.5; BATCH]);
    assert_eq!(seen(&task, &state, "real weight"), [1.0; BATCH]);
    let before = State { step: 1, label_table: None, ..state };
    for name in ["real gate", "generated gate"] {
        assert_eq!(seen(&task, &before, name), [0.0; BATCH], "{name} before the first table");
    }
}

#[test]
fn a_gate_hides_labels_on_both_sides_and_drops_images() {
    let settings = ["label_table.source=teacher", "label_table.gated=true", "gate.warm_up=0", "gate.unlabeled=drop"];
    let task = task(&settings);
    let mut passing = 0.0;
    for step in 0..40 {
        let state = with_table(&task, step);
        let indices = inputs(&task, &state).real_indices;
        let expected: Vec<f32> = indices.iter().map(|image| if image % 5 > 0 { 1.0 } else { 0.0 }).collect();
        assert_eq!(
            [seen(&task, &state, "real gate"), seen(&task, &state, "real weight")],
            [expected.clone(), expected]
        );
        let (generated, gate) =
            (labels(&seen(&task, &state, "generated labels")), seen(&task, &state, "generated gate"));
        assert_eq!(gate, seen(&task, &state, "generated weight"));
        // No real image has one of the other labels.
        assert!(generated.iter().zip(&gate).all(|(label, gate)| [2, 5].contains(label) || *gate == 0.0));
        passing += gate.iter().sum::<f32>();
    }
    // Two of ten labels, and four fifths of their images: 16 % of 240.
    assert!((20.0..60.0).contains(&passing), "{passing}");
}

#[test]
fn generated_labels_follow_the_histogram_of_the_table() {
    let task = task(&["label_table.source=teacher", "label_table.histogram=true", "gate.warm_up=0"]);
    let drawn: Vec<usize> =
        (0..40).flat_map(|step| labels(&seen(&task, &with_table(&task, step), "generated labels"))).collect();
    let count = |label| drawn.iter().filter(|&&drawn| drawn == label).count();
    // A third of the images has label 5.
    assert_eq!((drawn.len(), count(2) + count(5)), (240, 240));
    assert!((50..110).contains(&count(5)), "{}", count(5));
    let before = State { step: 7, ..new_state(&task) };
    assert!(labels(&seen(&task, &before, "generated labels")).iter().any(|label| ![2, 5].contains(label)));
}

#[test]
fn flipped_generated_labels_are_never_those_of_the_latents() {
    let base = ["label_table.source=teacher", "gate.warm_up=0"];
    let (plain, flipped) = (task(&base), task(&[&base[..], &["label_table.generated_flipped=1"]].concat()));
    for step in 0..10 {
        let [own, other] =
            [&plain, &flipped].map(|task| labels(&seen(task, &with_table(task, step), "generated labels")));
        assert!(own.iter().zip(&other).all(|(own, other)| own != other));
    }
}

#[test]
fn the_teacher_labels_all_images_at_the_end_of_the_warm_up_and_at_every_refresh() {
    let settings = ["label_table.source=teacher", "label_table.refresh=3", "gate.warm_up=4", "steps=11"];
    let tables = whole(&task(&settings)).tables;
    // The shell sees the state before each step, and the table is made after that.
    assert!(tables[..=4].iter().all(Option::is_none) && tables[5..].iter().all(Option::is_some));
    assert!(tables[5] == tables[7] && tables[8] == tables[10], "no table is made between");
    assert!(tables[7] != tables[8], "the teacher has learned");
    assert_eq!(tables[5].as_ref().map(|table| table.labels().len()), Some(IMAGES as usize));
}

/// The first table is of pixels, and the teacher makes the next one.
#[test]
fn the_teacher_refreshes_labels_that_others_began() {
    let settings = ["label_table.refresh=3", "label_table.confusion=true", "gate.warm_up=0", "steps=5"];
    let tables = |source: &str| whole(&task(&[&[source], &settings[..]].concat())).tables;
    let (pixels, teacher) = (tables("label_table.source=pixels"), tables("label_table.source=teacher"));
    assert!(pixels[1] != teacher[1] && pixels[1] == pixels[3], "the first table is of pixels, and stays");
    assert!(pixels[4] != pixels[3], "the teacher has labelled the images");
    let is_known = |table: &Option<LabelTable>| table.as_ref().unwrap().confusion().is_some();
    assert!(!is_known(&pixels[1]) && is_known(&pixels[4]), "only a teacher has a confusion");
    assert!(is_known(&teacher[1]));
}

/// The teacher takes all images of latents with label 7 for label 2, and half of those with label 3 for label 4.
#[test]
fn generated_labels_pass_through_the_confusion_of_the_teacher() {
    let base = ["label_table.source=teacher", "gate.warm_up=0"];
    let (plain, confused) = (task(&base), task(&[&base[..], &["label_table.confusion=true"]].concat()));
    let given = |(image, latent)| match latent {
        7 => 2,
        3 if image % 2 == 0 => 4,
        other => other as u16,
    };
    let confusion = Confusion::of(Confusion::latent_labels(LABELS).into_iter().enumerate().map(given).collect());
    let mut halves = [0; 2];
    for step in 0..40 {
        let state = with_table(&plain, step);
        let table = state.label_table.clone().unwrap().with_confusion(Some(confusion.clone()));
        let own = labels(&seen(&plain, &state, "generated labels"));
        let shown = labels(&seen(&confused, &State { label_table: Some(table), ..state }, "generated labels"));
        for (own, shown) in own.into_iter().zip(shown) {
            match own {
                7 => assert_eq!(shown, 2),
                3 => halves[usize::from(shown == 4)] += 1,
                _ => assert_eq!(shown, own),
            }
        }
    }
    assert!(halves.iter().all(|&count| count >= 5), "{halves:?}");
}

/// The classifier's gradients are others, and everything before them is the same.
#[test]
fn remedies_of_the_classifier_change_its_gradients_alone() {
    let phases = |settings: &[&str]| {
        let task = task(settings);
        let (state, stepper) = (new_state(&task), stepper(&task));
        let (inputs, _) = stepper.step_inputs(&state);
        let bits = |named: Named| -> Vec<Vec<u32>> {
            let numbers = |tensor: Tensor<1>| tensor.into_data().iter::<f32>().map(f32::to_bits).collect();
            named.into_values().map(numbers).collect()
        };
        let classifier = stepper.classifier_gradients(&state, &inputs).expect("there are generated images");
        let discriminator = stepper.discriminator_gradients(&state, &inputs.update);
        [bits(discriminator.gradients), bits(classifier.gradients)]
    };
    let usual = phases(&[]);
    for setting in ["classifier.augment_generated=true", "classifier.information_weight=0.5"] {
        let found = phases(&[setting]);
        assert!(found[0] == usual[0] && found[1] != usual[1], "{setting}");
    }
}

/// Nothing but the loss on real images teaches this classifier: its labels become surer and stay balanced.
#[test]
fn information_of_real_images_grows() {
    let settings = ["classifier.information_weight=1", "classifier.generated_weight=0.000001", "steps=60"];
    let task = task(&settings);
    let mut state = new_state(&task);
    let information = |state: &State| {
        let images = assemble(&task.data.train.images, &(0..60).collect::<Vec<_>>(), &[false; 60], &Device::flex());
        let shares = softmax(state.classifier.network.forward(images), 1);
        let entropy = |shares: Tensor<2>| -> f64 {
            let rows = shares.dims()[0] as f64;
            -(shares.clone() * shares.log()).sum().into_data().iter::<f64>().next().unwrap() / rows
        };
        entropy(shares.clone().mean_dim(0)) - entropy(shares)
    };
    let before = information(&state);
    run(&task, &mut state, None).unwrap();
    let after = information(&state);
    assert!(before < 0.1 && after > 3.0 * before && after > 0.3, "{before} to {after} nats");
}

#[test]
fn a_run_with_a_table_resumes_exactly() {
    let settings = [
        "label_table.source=teacher",
        "label_table.refresh=3",
        "label_table.ramp=5",
        "label_table.gated=true",
        "label_table.histogram=true",
        "label_table.flipped=0.2",
        "label_table.confusion=true",
        "classifier.augment_generated=true",
        "classifier.information_weight=0.1",
        "gate.tau=0.11",
        "gate.warm_up=2",
        "classifier.generator_weight_from=3",
        "classifier.generator_weight_until=7",
        "steps=9",
    ];
    let task = task(&settings);
    let expected = whole(&task);
    // Before the first table, at it, between two, at the second, and after it.
    for stop_at in [1, 2, 4, 5, 6] {
        let stopped = run(&task, &mut new_state(&task), Some(stop_at)).unwrap();
        let files = last(&stopped);
        let header = checkpoint::read_header(&files.header).unwrap();
        let mut state = checkpoint::restore(new_state(&task), &header, &files.tensors, &Device::flex()).unwrap();
        assert_eq!((state.step, state.label_table.is_some()), (stop_at, stop_at > 2));
        let resumed = run(&task, &mut state, None).unwrap();
        assert!(last(&resumed) == last(&expected), "stopped at {stop_at}");
    }
}

#[test]
fn before_its_first_table_a_run_is_the_control() {
    let table = ["label_table.source=teacher", "label_table.histogram=true", "gate.warm_up=5", "steps=5"];
    let [scheme, control] = [&table[..], &["mode=unconditional", "steps=5"]].map(|settings| whole(&task(settings)));
    assert!(last(&scheme).tensors == last(&control).tensors);
}

/// With true labels for all and without lambda, the generator is that of class-conditional training.
#[test]
fn a_table_of_true_labels_is_class_conditional_training() {
    let trained = |settings: &[&str]| {
        let task = task(&[&["classifier.generator_weight=0", "steps=4"], settings].concat());
        let mut state = new_state(&task);
        run(&task, &mut state, None).unwrap();
        generator(&state)
    };
    let truth = trained(&["label_table.source=truth", "gate.warm_up=0"]);
    assert!(truth == trained(&["mode=class-conditional", "labels=all"]));
    assert!(truth != trained(&["label_table.source=truth", "gate.warm_up=0", "label_table.flipped=0.4"]));
}

/// Lambda is constant until step 1, half at step 2, and 0 from step 3 on.
#[test]
fn lambda_fades() {
    let loss = |step, settings: &[&str]| {
        let task = task(settings);
        let (state, stepper) = (State { step, ..new_state(&task) }, stepper(&task));
        let (inputs, generated) = stepper.step_inputs(&state);
        stepper.generator_gradients(&state, &inputs, generated).loss.into_data().iter::<f64>().next().unwrap()
    };
    for (step, lambda) in [(0, 0.2), (1, 0.2), (2, 0.1), (3, 0.0), (9, 0.0)] {
        let fading = ["classifier.generator_weight_from=1", "classifier.generator_weight_until=3"];
        let constant = |lambda: f64| loss(step, &[&format!("classifier.generator_weight={lambda}")]);
        assert!((loss(step, &fading) - constant(lambda)).abs() < 1e-6, "step {step}");
        // The classifier knows nothing yet: its loss is near log 10.
        assert!((constant(lambda + 0.1) - constant(lambda) - 0.23).abs() < 0.1, "step {step}");
    }
}

#[test]
fn every_source_trains() {
    for source in ["teacher", "truth", "pixels"] {
        let source = format!("label_table.source={source}");
        let memory = whole(&task(&[&source, "gate.warm_up=1", "steps=3", "report.log_every=1"]));
        let table = memory.tables[2].as_ref().expect("there is a table");
        assert!(table.counts().iter().sum::<u32>() == IMAGES as u32 && table.passes().iter().all(|&passes| passes));
    }
}

#[test]
fn tables_that_cannot_be_made_are_refused() {
    let fifty = task(&["label_table.source=truth", "latent.artificial_labels=50"]);
    let error = label_table::check(&fifty).unwrap_err();
    assert_eq!(error, LabelTableError::Classes { classes: 10, label_count: 50 });
    assert!(error.to_string().contains("latent.artificial_labels = 10, found 50"), "{error}");
    let few = few_digits::task(&["labels=none", "label_table.source=pixels", "latent.artificial_labels=30"], 20);
    assert_eq!(label_table::check(&few), Err(LabelTableError::FewImages { images: 20, label_count: 30 }));
    let file = task(&["label_table.source=file", "label_table.file=labels.csv", "gate.warm_up=0", "steps=1"]);
    let error = run(&file, &mut new_state(&file), None).map(|_| ()).unwrap_err();
    assert!(matches!(error, TrainError::LabelTable(LabelTableError::NotRead)), "{error}");
    let short = file.with_labels(by_hand(7));
    assert_eq!(label_table::check(&short), Err(LabelTableError::Count { expected: 60, found: 7 }));
}
