//! The calls that a trainer on several devices would make, made by hand, give the same step as [`Stepper::step`].

use burn::tensor::{Device, Tensor, TensorData};
use slgan::labels::LatentPartition;
use slgan::nn::parameters::Named;
use slgan::train::checkpoint::{self, CheckpointFiles};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, PhaseGradients, Stepper};

use crate::few_digits;

/// The first step is in the warm-up, when no label reaches the discriminator.
const STEPS: u64 = 3;

/// Losses of discriminator, classifier and generator.
type Losses = [Option<Tensor<1>>; 3];

fn saved(state: &State, task: &Task) -> CheckpointFiles {
    pollster::block_on(checkpoint::write(state, &task.config, &task.subject)).expect("the device can be read")
}

/// Copies tensors through the host, as gradients travel to another device.
fn exchanged(tensors: Named, device: &Device) -> Named {
    assert!(!tensors.is_empty(), "nothing to exchange");
    let journey = |(name, tensor): (String, Tensor<1>)| {
        let values: Vec<f32> = tensor.into_data().iter().collect();
        let count = values.len();
        (name, Tensor::from_data(TensorData::new(values, [count]), device))
    };
    tensors.into_iter().map(journey).collect()
}

fn bits(tensor: &Tensor<1>) -> Vec<u32> {
    tensor.clone().into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Computes gradients twice: the first time must not change the second.
fn twice(gradients: impl Fn() -> PhaseGradients) -> PhaseGradients {
    let [first, second] = [gradients(), gradients()];
    assert_eq!(bits(&first.loss), bits(&second.loss));
    let of =
        |phase: &PhaseGradients| phase.gradients.iter().map(|(name, g)| (name.clone(), bits(g))).collect::<Vec<_>>();
    assert!(of(&first) == of(&second), "gradients of equal states and inputs differ");
    second
}

fn step_by_hand(stepper: &Stepper<'_>, state: &mut State, task: &Task, device: &Device) -> Losses {
    for number in stepper.extra_updates(state.step) {
        let inputs = stepper.update_inputs(state, number);
        stepper.power_iteration(state);
        let phase = twice(|| stepper.discriminator_gradients(state, &inputs));
        stepper.apply_discriminator(state, exchanged(phase.gradients, device));
    }
    // Inputs can also be made twice. The second ones have a graph for another backward pass of the generator.
    let (inputs, generated) = stepper.step_inputs(state);
    let (_, generated_again) = stepper.step_inputs(state);

    stepper.power_iteration(state);
    let before = saved(state, task);
    let discriminator = twice(|| stepper.discriminator_gradients(state, &inputs.update));
    assert!(saved(state, task) == before, "computing gradients changed the state");
    stepper.apply_discriminator(state, exchanged(discriminator.gradients, device));

    let classifier = twice(|| stepper.classifier_gradients(state, &inputs).expect("the classifier learns"));
    stepper.apply_classifier(state, exchanged(classifier.gradients, device));

    let statistics = generated.statistics();
    let generator = stepper.generator_gradients(state, &inputs, generated);
    let again = stepper.generator_gradients(state, &inputs, generated_again);
    assert_eq!(bits(&generator.loss), bits(&again.loss));
    stepper.keep_statistics(state, exchanged(statistics, device));
    stepper.apply_generator(state, exchanged(generator.gradients, device));

    stepper.observe_prior(state, inputs.real_logits.clone());
    stepper.count_step(state);
    [Some(discriminator.loss), Some(classifier.loss), Some(generator.loss)]
}

#[track_caller]
fn is_the_step(more: &[&str]) {
    let base = ["batch=6", "labels=0.5", "classifier.labelled_batch=4", "discriminator.updates=2", "gate.warm_up=1"];
    let task = few_digits::task(&[&base[..], more].concat(), 100);
    assert!(task.config.classifier.dropout > 0.0 && task.config.classifier.generator_weight > 0.0);
    let device = Device::flex();
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(&task, partition, &device));
    let fresh = State::new(&task.config, &task.architecture(), &device);
    let (mut whole, mut by_hand) = (fresh.clone(), fresh);
    for step in 0..STEPS {
        let result = stepper.step(&mut whole);
        let expected: Losses = [result.d_loss, result.c_loss, result.g_loss];
        let found = step_by_hand(&stepper, &mut by_hand, &task, &device);
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.as_ref().map(bits), expected.as_ref().map(bits), "{more:?}: a loss of step {step}");
        }
        let [found, expected] = [&by_hand, &whole].map(|state| saved(state, &task));
        assert!(found.tensors == expected.tensors, "{more:?}: a tensor after step {step}");
        assert!(found.header == expected.header, "{more:?}: steps or updates after step {step}");
    }
}

#[test]
fn the_step_by_hand_has_the_same_bits() {
    is_the_step(&[]);
}

#[test]
fn the_step_by_hand_has_the_same_bits_with_every_option() {
    is_the_step(&[
        "discriminator.r1_weight=1.0",
        "generator.conditional=true",
        "augment.color=true",
        "augment.translation=true",
        "augment.cutout=true",
        "gate.pseudo_label=soft",
        "gate.tau=0.1",
        "generator.decay_from=1",
        "generator.decay_until=4",
    ]);
}
