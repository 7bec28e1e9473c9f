//! In strict arithmetic, the CPU and an adapter compute the same bits: every operation, and training.

mod adapter;
mod few_digits;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use slgan::kernels::checks::{self, Outcome};
use slgan::labels::LatentPartition;
use slgan::nn::parameters::values;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Replay, Stepper};

/// Steps of a run: some before the gate opens, and some after.
const STEPS: u64 = 6;
const WARM_UP: u64 = 3;

/// All results, which must be right, by name.
fn outcomes(device: &Device) -> BTreeMap<String, Outcome> {
    let outcomes = pollster::block_on(checks::run_strictly(device, async |_, _| {}));
    let failures: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    outcomes
        .into_iter()
        .map(|outcome| (format!("{} {}, {}", outcome.kernel, outcome.case, outcome.result), outcome))
        .collect()
}

#[test]
fn every_operation_has_the_same_bits_on_the_cpu_and_on_an_adapter() {
    let expected = outcomes(&Device::flex());
    assert!(expected.len() > 150, "{} results were compared", expected.len());
    let Some(device) = adapter::first() else { return };
    let found = outcomes(&device);
    // An adapter also keeps images, and makes batches of them.
    let missing: Vec<&String> = expected.keys().filter(|name| !found.contains_key(*name)).collect();
    assert!(missing.is_empty(), "{missing:?} are not compared on the adapter");
    let differs = |(name, outcome): &(&String, &Outcome)| found[*name].figures.digest != outcome.figures.digest;
    let others: Vec<&String> = expected.iter().filter(differs).map(|(name, _)| name).collect();
    assert!(others.is_empty(), "{} of {} have other bits:\n{others:#?}", others.len(), expected.len());
}

/// Every tensor of a state after some steps, by name.
fn trained(task: &Task, device: &Device) -> BTreeMap<String, Vec<u32>> {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let mut replay = Replay::new(Stepper::new(&task.config, InputMaker::new(task, partition, device)));
    let mut state = State::new(&task.config, &task.architecture(), device);
    (0..STEPS).for_each(|_| drop(replay.step(&mut state)));
    let State { generator, discriminator, classifier, average, teacher, .. } = &state;
    let networks = [
        ("generator", values(&generator.network)),
        ("discriminator", values(&discriminator.network)),
        ("classifier", values(&classifier.network)),
        ("average", values(average)),
        ("teacher", values(teacher)),
        ("generator's first moments", generator.optimizer.first_moments.clone()),
        ("generator's second moments", generator.optimizer.second_moments.clone()),
        ("discriminator's second moments", discriminator.optimizer.second_moments.clone()),
        ("classifier's first moments", classifier.optimizer.first_moments.clone()),
        ("classifier's second moments", classifier.optimizer.second_moments.clone()),
    ];
    let bits = |tensor: Tensor<1>| tensor.into_data().iter::<f32>().map(f32::to_bits).collect();
    let named = networks.into_iter().flat_map(|(network, tensors)| {
        tensors.into_iter().map(move |(name, tensor)| (format!("{network}: {name}"), tensor))
    });
    named.map(|(name, tensor)| (name, bits(tensor))).collect()
}

/// Trains on the CPU and on the adapter, and compares all tensors.
fn trains_alike(settings: &[&str]) {
    let warm_up = format!("gate.warm_up={WARM_UP}");
    let common = ["strict=true", "batch=6", "labels=0.5", "classifier.labelled_batch=4", &warm_up];
    let task = few_digits::task(&[&common, settings].concat(), 100);
    let Some(device) = adapter::first() else { return };
    let [expected, found] = [Device::flex(), device].map(|device| trained(&task, &device));
    assert!(expected.values().flatten().all(|bits| f32::from_bits(*bits).is_finite()), "{settings:?} diverges");
    assert!(expected.keys().eq(found.keys()) && expected.len() > 100, "{settings:?}: {} tensors", expected.len());
    let others: Vec<&String> =
        expected.iter().filter(|(name, bits)| found[*name] != **bits).map(|(name, _)| name).collect();
    assert!(others.is_empty(), "{settings:?}: {} of {} differ:\n{others:#?}", others.len(), expected.len());
}

#[test]
fn training_has_the_same_bits_on_the_cpu_and_on_an_adapter() {
    trains_alike(&[]);
}

#[test]
fn training_has_the_same_bits_with_every_option() {
    trains_alike(&[
        "generator.conditional=true",
        "gate.pseudo_label=soft",
        "gate.unlabeled=drop",
        "augment.color=true",
        "augment.translation=true",
        "augment.cutout=true",
        "classifier.weight_decay=0.1",
        "discriminator.kernel=4",
        "generator.enlargement=nearest",
    ]);
}
