//! The inputs of a step's phases: images with their labels, made once from the state before the step.
//!
//! Random numbers and manually labelled images are functions of the step alone, so each phase fetches its own.

use burn::module::Module;
use burn::tensor::Tensor;

use super::labelling::Labelled;
use super::stepper::Stepper;
use crate::nn::parameters::Named;
use crate::nn::{Generator, Statistics};
use crate::train::state::State;

/// The inputs of a discriminator update: real and generated images with the labels that it sees.
#[derive(Debug, Clone)]
pub struct UpdateInputs {
    /// The update's number, counted over the whole run.
    pub(super) number: u64,
    pub(super) real: Labelled,
    /// Labelled by their latents.
    pub(super) generated: Labelled,
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
        let latents = self.inputs.latents(number);
        let mut generator = state.generator.network.clone();
        let generated = generator.forward(latents.vectors.clone(), &latents.one_hot_labels, Statistics::Batch);
        let real = self.inputs.real(number);
        let real_logits = state.teacher.classifier.forward(real.images.clone());
        UpdateInputs {
            number,
            real: self.label_real(state, &real, real_logits),
            generated: self.label_generated(state, generated, &latents),
        }
    }

    /// Makes the inputs of step `state.step`, and what only the generator's phase needs. Changes nothing.
    pub fn step_inputs(&self, state: &State) -> (StepInputs, Generated) {
        let number = self.shared_update(state.step);
        let real = self.inputs.real(number);
        let latents = self.inputs.latents(number);
        let mut generator = state.generator.network.clone().train();
        let (vectors, labels) = (latents.vectors.clone().autodiff(), latents.one_hot_labels.clone().autodiff());
        let images = generator.forward(vectors, &labels, Statistics::Batch);
        let plain = images.clone().without_autodiff();
        let real_logits = state.teacher.classifier.forward(real.images.clone());
        let prior = self.prior(state);
        let update = UpdateInputs {
            number,
            real: self.label_real(state, &real, real_logits.clone()),
            generated: self.label_generated(state, plain, &latents),
        };
        (StepInputs { update, real_logits, prior, real_indices: real.indices }, Generated { generator, images })
    }
}
