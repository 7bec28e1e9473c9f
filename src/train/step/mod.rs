//! One training step, made of calls that another trainer can make itself.
//!
//! A step has inputs and three phases: discriminator, classifier, generator. Each phase is two calls: one computes
//! named gradients and changes nothing, the other applies them. So a caller with several devices can compute part of a
//! batch on each, and reduce the gradients in between. What happens once per batch, on any number of devices, has its
//! own call: the discriminator's power iteration, putting the generator's batch statistics into the state, observing
//! the prior, and counting the step. [`Stepper::step`] makes these calls in order and does nothing else. Nothing here
//! reads from the device.

mod ahead;
mod classifier;
mod discriminator;
mod generator;
mod information;
mod inputs;
mod labelling;
mod phase;
mod post;
mod replay;
mod rows;
mod shard;
mod sharded;
mod share;
mod stepper;
mod steps;

pub use inputs::{Generated, StepInputs, UpdateInputs};
pub use phase::PhaseGradients;
pub use replay::Replay;
pub use stepper::Stepper;
pub(super) use steps::Steps;

use burn::tensor::Tensor;

use super::state::State;
use crate::kernels::self_label::corrected;

/// What a step leaves on the device for later reads.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The discriminator's loss, `[1]`; none if it is not trained.
    pub d_loss: Option<Tensor<1>>,
    /// The classifier's loss, `[1]`; none if it has nothing to learn from.
    pub c_loss: Option<Tensor<1>>,
    /// The generator's loss, `[1]`; none if it is not trained.
    pub g_loss: Option<Tensor<1>>,
    /// The teacher's uncorrected logits `[batch, labels]` of the real images; manual labels do not affect them.
    pub real_logits: Tensor<2>,
    /// The prior that corrects them before they become labels, `[1, labels]`.
    pub prior: Option<Tensor<2>>,
    /// Positions of the real images in the training set.
    pub real_indices: Vec<u32>,
}

impl StepResult {
    /// The logits `[batch, labels]` from which the teacher labels the real images.
    pub fn label_logits(&self) -> Tensor<2> {
        match &self.prior {
            Some(prior) => corrected(self.real_logits.clone(), prior.clone()),
            None => self.real_logits.clone(),
        }
    }
}

impl Stepper<'_> {
    /// Performs step `state.step` and counts it.
    pub fn step(&self, state: &mut State) -> StepResult {
        for number in self.extra_updates(state.step) {
            let inputs = self.update_inputs(state, number);
            self.update_discriminator(state, &inputs);
        }
        let (inputs, generated) = self.step_inputs(state);
        let trains_adversaries = self.trains_adversaries();
        let d_loss = trains_adversaries.then(|| self.update_discriminator(state, &inputs.update));
        let c_loss = self.classifier_gradients(state, &inputs).map(|PhaseGradients { gradients, loss }| {
            self.apply_classifier(state, gradients);
            loss
        });
        let g_loss = trains_adversaries.then(|| {
            let statistics = generated.statistics();
            let PhaseGradients { gradients, loss } = self.generator_gradients(state, &inputs, generated);
            self.keep_statistics(state, statistics);
            self.apply_generator(state, gradients);
            loss
        });
        self.observe_prior(state, inputs.real_logits.clone());
        self.count_step(state);
        let StepInputs { real_logits, prior, real_indices, .. } = inputs;
        StepResult { d_loss, c_loss, g_loss, real_logits, prior, real_indices }
    }

    /// A whole discriminator update; returns its loss.
    fn update_discriminator(&self, state: &mut State, inputs: &UpdateInputs) -> Tensor<1> {
        self.power_iteration(state);
        let PhaseGradients { gradients, loss } = self.discriminator_gradients(state, inputs);
        self.apply_discriminator(state, gradients);
        loss
    }
}
