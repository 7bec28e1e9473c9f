//! The generator's phase.

use burn::module::Module;
use burn::tensor::Tensor;

use super::inputs::{Generated, StepInputs};
use super::phase::PhaseGradients;
use super::stepper::Stepper;
use crate::kernels::losses::{Count, Counts, Hinge, cross_entropies_with, hinge_loss_with};
use crate::nn::parameters::{self, Named};
use crate::train::state::State;

impl Stepper<'_> {
    /// Computes the generator's gradients, through the state's current discriminator and classifier. Changes nothing.
    pub fn generator_gradients(&self, state: &State, inputs: &StepInputs, generated: Generated) -> PhaseGradients {
        let Generated { generator, images } = generated;
        let labelled = &inputs.update.labelled;
        let [labels, gate, weight] = labelled.generated().map(Tensor::autodiff);
        let latent_labels = labelled.hidden_latent_labels().map_or_else(|| labels.clone(), Tensor::autodiff);
        let (discriminator, _) = state.discriminator.network.normalized();
        let discriminator = discriminator.frozen();
        let augmented = inputs.augmentation.apply_with(images.clone(), state.launch());
        let scores = discriminator.forward(augmented, labels, gate);
        let mut loss = hinge_loss_with(scores, weight, Hinge::Generator, state.launch());
        if let Some(share) = &inputs.update.share {
            loss = share.of_generated(loss);
        }
        let lambda = self.config.classifier.generator_weight;
        if lambda > 0.0 {
            let classifier = state.classifier.network.clone().train().no_grad();
            let weight = if inputs.lambda.is_some() { 1.0 } else { lambda };
            let first = Count { images: images.dims()[0], ..Count::mean(self.config.batch, weight) };
            let counts = Counts { first, ..Counts::default() };
            // Nothing is weighed, so no trust is read.
            let logits = classifier.forward(images);
            let entropy = cross_entropies_with(logits, latent_labels.clone(), latent_labels, counts, state.launch());
            loss = loss
                + match &inputs.lambda {
                    Some(lambda) => entropy * lambda.clone().autodiff(),
                    None => entropy,
                };
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
        let (rates, decay) = self.generator_rates(state);
        let step = self.ahead.borrow().update(state.generator.optimizer.next_update(rates), decay);
        state.generator.apply_and_average(gradients, rates, &mut state.average, decay, step);
    }
}
