//! The stepper, and what happens once per step for a whole batch.

use std::cell::RefCell;
use std::ops::Range;

use burn::tensor::Tensor;

use super::ahead::Ahead;
use super::post::Post;
use crate::config::Config;
use crate::labels::teacher::ramped;
use crate::train::inputs::InputMaker;
use crate::train::optimizer::Rates;
use crate::train::schedule::learning_rate_factor;
use crate::train::state::State;
use crate::train::streams::update_numbers;

/// Performs the steps of a run.
#[derive(Debug)]
pub struct Stepper<'a> {
    pub(super) config: &'a Config,
    pub(super) inputs: InputMaker<'a>,
    /// What the last inputs brought along. It saves uploads, and changes no result.
    pub(super) ahead: RefCell<Ahead>,
    /// How numbers of the host reach the device.
    pub(super) post: RefCell<Post>,
}

impl<'a> Stepper<'a> {
    /// A stepper for a configuration and its inputs.
    pub fn new(config: &'a Config, inputs: InputMaker<'a>) -> Self {
        Self { config, inputs, ahead: RefCell::default(), post: RefCell::default() }
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
        let (decay, launch) = (self.prior_decay(state), state.launch());
        match self.ahead.borrow().prior_decay(decay) {
            Some(on_device) => state.teacher.observe_by(real_logits, on_device, launch),
            None => state.teacher.observe(real_logits, decay, launch),
        }
    }

    /// Counts the step. Call it last.
    pub fn count_step(&self, state: &mut State) {
        state.step += 1;
    }

    /// The rates of the discriminator's next update.
    pub(super) fn discriminator_rates(&self, state: &State) -> Rates {
        self.adversarial_rate(self.config.discriminator.learning_rate, state).into()
    }

    /// The rates of the generator's next update, and the decay of its average.
    pub(super) fn generator_rates(&self, state: &State) -> (Rates, f64) {
        let config = &self.config.generator;
        let rate = self.adversarial_rate(config.learning_rate, state);
        (rate.into(), ramped(config.average_decay, state.step))
    }

    /// The rates of the classifier's next update, and the decay of the teacher.
    pub(super) fn classifier_rates(&self, state: &State) -> (Rates, f64) {
        let config = &self.config.classifier;
        let rates = Rates { learning_rate: config.learning_rate, weight_decay: config.weight_decay };
        (rates, ramped(config.teacher_decay, state.step))
    }

    /// The decay of the teacher's prior.
    pub(super) fn prior_decay(&self, state: &State) -> f64 {
        ramped(self.config.classifier.prior_decay, state.step)
    }

    /// The learning rate of discriminator or generator at the state's step.
    fn adversarial_rate(&self, learning_rate: f64, state: &State) -> f64 {
        learning_rate * learning_rate_factor(&self.config.generator, state.step)
    }
}
