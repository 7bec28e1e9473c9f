//! The inputs of a step's phases: images with their labels, and random numbers, made once from the state before the step.

use burn::module::Module;
use burn::tensor::Tensor;

use super::ahead::{Ahead, PackedAhead};
use super::labelling::Labelled;
use super::share::Share;
use super::stepper::Stepper;
use crate::kernels::adam::AdamSettings;
use crate::kernels::diff_augment::Augmentation;
use crate::kernels::parcel::{Parcel, Slot};
use crate::nn::parameters::Named;
use crate::nn::{Generator, Statistics};
use crate::train::inputs::{ClassifierTensors, PackedAugmentation, PackedClassifier, PackedUpdate, UpdateTensors};
use crate::train::schedule::fading_lambda;
use crate::train::state::State;
use crate::train::streams::Pass;

/// The inputs of a discriminator update: real and generated images with the labels that it sees.
#[derive(Debug, Clone)]
pub struct UpdateInputs {
    /// Generated images are labelled by their latents.
    pub(super) labelled: Labelled,
    /// The share of the batch that they are; none if they are all of it.
    pub(super) share: Option<Share>,
    /// Changes of real and generated images.
    pub(super) augmentation: Augmentation,
    /// Noise in the shape of the real images, if there is a penalty.
    pub(super) noise: Option<Tensor<4>>,
}

impl UpdateInputs {
    /// What decides the update, flat and by name, for comparing runs: images, and labels with their gates. The images
    /// of the classifier alone are among them.
    pub fn tensors(&self) -> Named {
        let Labelled { images, gate, weight, trusted, .. } = &self.labelled;
        let label_weights = self.labelled.seen();
        let batch = self.labelled.batch();
        let kinds = [("real", 0..batch), ("generated", batch..2 * batch), ("classifier", 2 * batch..images.dims()[0])];
        let mut found = Named::new();
        for (kind, rows) in kinds.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let part = |column: &Tensor<2>| column.clone().narrow(0, rows.start, rows.len()).flatten(0, 1);
            let images = images.clone().narrow(0, rows.start, rows.len()).flatten(0, 3);
            found.extend([(format!("{kind} images"), images), (format!("{kind} labels"), part(&label_weights))]);
            if rows.end <= 2 * batch {
                let columns = [("gate", gate), ("weight", weight), ("trusted", trusted)];
                found.extend(columns.map(|(name, column)| (format!("{kind} {name}"), part(column))));
            }
        }
        found
    }
}

/// The inputs that all phases of a step share.
#[derive(Debug, Clone)]
pub struct StepInputs {
    /// The images. They are also the inputs of the step's last discriminator update.
    pub update: UpdateInputs,
    /// The teacher's uncorrected logits `[batch, labels]` of the real images.
    pub real_logits: Tensor<2>,
    /// The prior that corrects them before they become labels, `[1, labels]`.
    pub prior: Option<Tensor<2>>,
    /// Positions of the real images in the training set.
    pub real_indices: Vec<u32>,
    /// What only the classifier takes; none if it has nothing to learn from.
    pub(super) classifier: Option<ClassifierTensors>,
    /// Changes of the generated images in the generator's phase.
    pub(super) augmentation: Augmentation,
    /// Lambda, `[1]`, if it is not the same at all steps.
    pub(super) lambda: Option<Tensor<1>>,
}

impl StepInputs {
    /// The same inputs, but the generator's phase changes its images as with `other`.
    pub fn with_generator_changes_of(self, other: Self) -> Self {
        Self { augmentation: other.augmentation, ..self }
    }
}

/// What a discriminator update with its own images takes from the host.
#[derive(Debug)]
pub(super) struct UpdateParcel {
    pub parcel: Parcel,
    pub update: PackedUpdate,
    ahead: PackedAhead,
}

/// What a step takes from the host, besides its updates with their own images.
#[derive(Debug)]
pub(super) struct StepParcel {
    pub parcel: Parcel,
    pub update: PackedUpdate,
    pub classifier: Option<PackedClassifier>,
    pub augmentation: PackedAugmentation,
    lambda: Option<Slot<1>>,
    ahead: PackedAhead,
}

/// What a step takes from the host, on the device.
#[derive(Debug)]
pub(super) struct StepTensors {
    pub update: UpdateTensors,
    pub classifier: Option<ClassifierTensors>,
    pub augmentation: Augmentation,
    /// The weight of the classifier's term in the generator's loss at this step, `[1]`, if it fades.
    pub lambda: Option<Tensor<1>>,
}

/// The step's generated images with the tracked generator that made them. They are not part of the inputs, because a
/// backward pass consumes their graph.
#[derive(Debug)]
pub struct Generated {
    pub(super) generator: Generator,
    /// `[batch, channels, size, size]`.
    pub(super) images: Tensor<4>,
}

impl Generated {
    /// The statistics of this batch in every normalisation of the generator, by parameter name.
    pub fn statistics(&self) -> Named {
        self.generator.statistics()
    }
}

impl Stepper<'_> {
    /// Makes the inputs of discriminator update `number`, which has its own images. Changes nothing.
    pub fn update_inputs(&self, state: &State, number: u64) -> UpdateInputs {
        self.inputs_of_update(state, self.receive_update(state, number))
    }

    /// Makes the inputs of step `state.step`, and what only the generator's phase needs. Changes nothing.
    pub fn step_inputs(&self, state: &State) -> (StepInputs, Generated) {
        let tensors = self.receive_step(state);
        let generated = self.generated(state, latents(&tensors.update));
        (self.inputs_of(state, tensors, &generated), generated)
    }

    /// Draws and uploads the inputs of discriminator update `number`.
    pub(super) fn receive_update(&self, state: &State, number: u64) -> UpdateTensors {
        let UpdateParcel { parcel, update, ahead } = self.pack_update(state, number);
        let mut arrived = self.post.borrow_mut().send(parcel, self.inputs.device());
        self.ahead.replace(ahead.unpack(&mut arrived));
        self.inputs.unpack_update(update, &mut arrived)
    }

    /// Draws and uploads the inputs of step `state.step`.
    pub(super) fn receive_step(&self, state: &State) -> StepTensors {
        let StepParcel { parcel, update, classifier, augmentation, lambda, ahead } = self.pack_step(state);
        let mut arrived = self.post.borrow_mut().send(parcel, self.inputs.device());
        self.ahead.replace(ahead.unpack(&mut arrived));
        let classifier = classifier.map(|packed| packed.unpack(&mut arrived));
        let augmentation = augmentation.unpack(&mut arrived);
        let update = self.inputs.unpack_update(update, &mut arrived);
        let lambda = lambda.map(|slot| arrived.take(slot));
        StepTensors { update, classifier, augmentation, lambda }
    }

    /// Generates images for a discriminator update with its own images.
    pub(super) fn inputs_of_update(&self, state: &State, update: UpdateTensors) -> UpdateInputs {
        let mut generator = state.generator.network.clone();
        let (latents, labels) = latents(&update);
        let images = generator.forward(latents, &labels, Statistics::Batch);
        self.labelled(state, update, images).0
    }

    /// Generates the images of a step from [`latents`], with a graph for the generator's phase.
    pub(super) fn generated(&self, state: &State, (latents, labels): (Tensor<2>, Tensor<2>)) -> Generated {
        let mut generator = state.generator.network.clone().train();
        let images = generator.forward(latents.autodiff(), &labels.autodiff(), Statistics::Batch);
        Generated { generator, images }
    }

    /// The inputs of a step's phases, with these images.
    pub(super) fn inputs_of(&self, state: &State, tensors: StepTensors, generated: &Generated) -> StepInputs {
        let StepTensors { update, classifier, augmentation, lambda } = tensors;
        let real_indices = update.real_indices.clone();
        let (update, real_logits) = self.labelled(state, update, generated.images.clone().without_autodiff());
        StepInputs { update, real_logits, prior: self.prior(state), real_indices, classifier, augmentation, lambda }
    }

    /// Everything that [`Self::update_inputs`] takes from the host.
    pub(super) fn pack_update(&self, state: &State, number: u64) -> UpdateParcel {
        let mut parcel = Parcel::default();
        let update = self.inputs.pack_update([state.step, number], state.label_table.as_ref(), None, &mut parcel);
        let rates = self.discriminator_rates(state);
        let ahead = Ahead::pack(&[(state.discriminator.optimizer.next_update(rates), 0.0)], None, &mut parcel);
        UpdateParcel { parcel, update, ahead }
    }

    /// Everything that [`Self::step_inputs`] takes from the host.
    pub(super) fn pack_step(&self, state: &State) -> StepParcel {
        let (step, number) = (state.step, self.shared_update(state.step));
        let mut parcel = Parcel::default();
        let own_images = self.inputs.labelled(step);
        let own_count = own_images.as_ref().map_or(0, |images| images.indices.len());
        let update = self.inputs.pack_update([step, number], state.label_table.as_ref(), own_images, &mut parcel);
        let classifier = self.inputs.pack_classifier(step, own_count, &mut parcel);
        let pass = Pass::Generator { update: number };
        let augmentation = self.inputs.pack_augmentation(self.config.batch, pass, &mut parcel);
        let ahead = Ahead::pack(&self.updates(state), Some(self.prior_decay(state)), &mut parcel);
        let lambda = fading_lambda(&self.config.classifier, step).map(|lambda| parcel.add(vec![lambda as f32], [1]));
        StepParcel { parcel, update, classifier, augmentation, lambda, ahead }
    }

    /// An update's inputs with its generated images, and the teacher's uncorrected logits of the real images.
    fn labelled(&self, state: &State, update: UpdateTensors, generated: Tensor<4>) -> (UpdateInputs, Tensor<2>) {
        let UpdateTensors { images, marks, known, table_labels, augmentation, noise, .. } = update;
        let [batch, channels, height, width] = generated.dims();
        let place = [batch..2 * batch, 0..channels, 0..height, 0..width];
        let images = images.slice_assign(place, generated);
        let (labelled, real_logits) = self.label(state, images, [marks, known], batch, table_labels);
        (UpdateInputs { labelled, share: None, augmentation, noise }, real_logits)
    }

    /// The updates of a step with its shared images, and the decays of their averages.
    fn updates(&self, state: &State) -> Vec<(AdamSettings, f64)> {
        let (rates, decay) = self.classifier_rates(state);
        let mut updates = vec![(state.classifier.optimizer.next_update(rates), decay)];
        if self.trains_adversaries() {
            let (rates, decay) = self.generator_rates(state);
            updates.push((state.discriminator.optimizer.next_update(self.discriminator_rates(state)), 0.0));
            updates.push((state.generator.optimizer.next_update(rates), decay));
        }
        updates
    }
}

/// The latents of the generated images, and their labels `[batch, labels]`.
pub(super) fn latents(update: &UpdateTensors) -> (Tensor<2>, Tensor<2>) {
    let batch = update.latents.dims()[0];
    (update.latents.clone(), update.marks.clone().narrow(0, batch, batch))
}
