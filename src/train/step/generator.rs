//! The generator's phase.

use burn::module::Module;

use super::inputs::{Generated, StepInputs};
use super::phase::PhaseGradients;
use super::stepper::Stepper;
use crate::kernels::losses::{cross_entropy, hinge_generator};
use crate::labels::teacher::ramped;
use crate::nn::parameters::{self, Named};
use crate::train::state::State;
use crate::train::streams::Pass;

impl Stepper<'_> {
    /// Computes the generator's gradients, through the state's current discriminator and classifier. Changes nothing.
    pub fn generator_gradients(&self, state: &State, inputs: &StepInputs, generated: Generated) -> PhaseGradients {
        let Generated { generator, images } = generated;
        let labelled = &inputs.update.generated;
        let labels = labelled.self_labels.label_weights.clone().autodiff();
        let discriminator = state.discriminator.network.clone().train().no_grad();
        let pass = Pass::Generator { update: inputs.update.number };
        let augmented = self.inputs.augmentation(self.config.batch, pass).apply(images.clone());
        let scores = discriminator.forward(augmented, labels.clone(), labelled.self_labels.gate.clone().autodiff());
        let mut loss = hinge_generator(scores, labelled.weight.clone().autodiff());
        let lambda = self.config.classifier.generator_weight;
        if lambda > 0.0 {
            let classifier = state.classifier.network.clone().train().no_grad();
            loss = loss + cross_entropy(classifier.forward(images), labels) * lambda;
        }
        PhaseGradients::of(&generator, loss)
    }

    /// Puts the batch's statistics, from [`Generated::statistics`], into the generator. Call it before the update, so
    /// that the average follows them too.
    pub fn keep_statistics(&self, state: &mut State, mut statistics: Named) {
        let generator = &mut state.generator.network;
        *generator = parameters::with_values(generator.clone(), &mut statistics);
    }

    /// Updates the generator, then moves its average towards it.
    pub fn apply_generator(&self, state: &mut State, gradients: Named) {
        let config = &self.config.generator;
        let decay = ramped(config.average_decay, state.step);
        let rate = self.adversarial_rate(config.learning_rate, state);
        state.generator.apply_and_average(gradients, rate.into(), &mut state.average, decay);
    }
}
