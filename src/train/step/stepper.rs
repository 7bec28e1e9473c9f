//! The stepper, and what happens once per step for a whole batch.

use std::ops::Range;

use burn::tensor::Tensor;

use crate::config::Config;
use crate::labels::teacher::ramped;
use crate::train::inputs::InputMaker;
use crate::train::schedule::learning_rate_factor;
use crate::train::state::State;
use crate::train::streams::update_numbers;

/// Performs the steps of a run.
#[derive(Debug)]
pub struct Stepper<'a> {
    pub(super) config: &'a Config,
    pub(super) inputs: InputMaker<'a>,
}

impl<'a> Stepper<'a> {
    /// A stepper for a configuration and its inputs.
    pub fn new(config: &'a Config, inputs: InputMaker<'a>) -> Self {
        Self { config, inputs }
    }

    /// Whether discriminator and generator are trained, not only the classifier.
    pub fn trains_adversaries(&self) -> bool {
        self.config.discriminator.updates > 0
    }

    /// The numbers, counted over the whole run, of a step's discriminator updates with their own images. They precede
    /// the update that shares the step's images.
    pub fn extra_updates(&self, step: u64) -> Range<u64> {
        let numbers = update_numbers(step, self.config.discriminator.updates);
        numbers.start..numbers.end - 1
    }

    /// The number of the discriminator update that shares the step's images.
    pub(super) fn shared_update(&self, step: u64) -> u64 {
        self.extra_updates(step).end
    }

    /// Moves the teacher's prior towards the probabilities of the uncorrected logits `[batch, labels]` of the whole
    /// batch's real images.
    pub fn observe_prior(&self, state: &mut State, real_logits: Tensor<2>) {
        state.teacher.observe(real_logits, ramped(self.config.classifier.prior_decay, state.step));
    }

    /// Counts the step. Call it last.
    pub fn count_step(&self, state: &mut State) {
        state.step += 1;
    }

    /// The learning rate of discriminator or generator at the state's step.
    pub(super) fn adversarial_rate(&self, learning_rate: f64, state: &State) -> f64 {
        learning_rate * learning_rate_factor(&self.config.generator, state.step)
    }
}
