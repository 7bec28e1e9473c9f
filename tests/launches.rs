//! What a step launches on an adapter: a network's parameters share buffers, so it takes few launches to update them.

mod adapter;
mod few_digits;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use slgan::kernels::launches::listed;
use slgan::labels::LatentPartition;
use slgan::nn::parameters::{shapes, values, with_values};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Stepper};

fn task() -> Task {
    few_digits::task(&["batch=6", "labels=0.5", "classifier.labelled_batch=4", "discriminator.updates=1"], 100)
}

/// Calls `test` with a stepper, and a state after two steps. The first update of each network packs everything.
fn after_two_steps(device: &Device, test: impl FnOnce(&Stepper<'_>, State)) {
    let task = task();
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(&task, partition, device));
    let mut state = State::new(&task.config, &task.architecture(), device);
    for _ in 0..2 {
        stepper.step(&mut state);
    }
    test(&stepper, state);
}

/// How many parameters of a network have such a name.
fn count<M: Module>(network: &M, belongs: impl Fn(&str) -> bool) -> usize {
    shapes(network).keys().filter(|name| belongs(name)).count()
}

#[test]
fn a_launch_takes_all_parameters_of_a_network() {
    let Some(device) = adapter::first() else { return };
    after_two_steps(&device, |stepper, mut state| {
        let (_, launches) = listed(|| stepper.step(&mut state));
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for launch in &launches {
            *found.entry(launch.name).or_default() += 1;
        }
        let is_vector = |name: &str| [".norm.left", ".norm.right"].iter().any(|end| name.ends_with(end));
        let is_statistic = |name: &str| [".mean", ".variance"].iter().any(|end| name.ends_with(end));
        let (generator, discriminator) = (&state.generator.network, &state.discriminator.network);
        // Tensors of a layer come in pairs that lie side by side: bias and weight, scale and shift, mean and variance.
        let packed = [
            count(generator, |name| !is_statistic(name)) / 2,
            count(generator, is_statistic) / 2,
            // Those of a head come one by one.
            3 + (count(discriminator, |name| !is_vector(name)) - 3) / 2,
            count(&state.classifier.network, |_| true) / 2,
        ];
        assert!(packed.iter().all(|&count| count > 1), "{packed:?}");
        let expected = [
            // Discriminator, classifier and generator.
            ("adam", 3),
            // The statistics of the generator's average, and the teacher's prior.
            ("adam_average", 2),
            ("pack", packed.map(|count| count.div_ceil(6)).iter().sum()),
            ("spectral_norm_columns", 1),
            ("spectral_norm_rows", 1),
            ("spectral_norm_unit", 1),
            // For the discriminator and, after its update, for the generator.
            ("spectral_norm_sigma", 2),
            ("spectral_norm_scale", 2),
            ("spectral_norm_product", 1),
            ("spectral_norm_gradient", 1),
        ];
        for (name, count) in expected {
            assert_eq!(found.get(name), Some(&count), "{name}");
        }
    });
}

/// Whether parameters are views of a buffer or have their own memory makes no difference.
#[test]
fn copies_of_the_parameters_give_the_same_step() {
    for device in [Some(Device::flex()), adapter::first()].into_iter().flatten() {
        after_two_steps(&device, |stepper, mut state| {
            let mut copied = state.clone();
            copied.generator.network = apart(copied.generator.network);
            copied.discriminator.network = apart(copied.discriminator.network);
            copied.classifier.network = apart(copied.classifier.network);
            copied.average = apart(copied.average);
            for state in [&mut state, &mut copied] {
                stepper.step(state);
            }
            assert!(bits(&state.generator.network) == bits(&copied.generator.network), "generator, {device:?}");
            assert!(bits(&state.average) == bits(&copied.average), "average, {device:?}");
            let [one, other] = [&state, &copied].map(|state| bits(&state.discriminator.network));
            assert!(one == other, "discriminator, {device:?}");
            let [one, other] = [&state, &copied].map(|state| bits(&state.classifier.network));
            assert!(one == other, "classifier, {device:?}");
        });
    }
}

/// The network with its parameters in memory of their own.
fn apart<M: Module>(network: M) -> M {
    let mut copies = values(&network).into_iter().map(|(name, value)| (name, value * 1.0)).collect();
    with_values(network, &mut copies)
}

fn bits<M: Module>(network: &M) -> BTreeMap<String, Vec<u32>> {
    let bits = |values: burn::tensor::Tensor<1>| values.into_data().iter::<f32>().map(f32::to_bits).collect();
    values(network).into_iter().map(|(name, values)| (name, bits(values))).collect()
}
