//! The discriminator's phase.

use burn::module::Module;
use burn::tensor::Tensor;

use super::inputs::UpdateInputs;
use super::labelling::Labelled;
use super::phase::PhaseGradients;
use super::stepper::Stepper;
use crate::kernels::losses::{hinge_discriminator, weighted_mean};
use crate::nn::Discriminator;
use crate::nn::parameters::Named;
use crate::train::state::State;
use crate::train::streams::Pass;

impl Stepper<'_> {
    /// One power iteration in every layer of the discriminator. Call it before the gradients of each update.
    pub fn power_iteration(&self, state: &mut State) {
        state.discriminator.network.iterate();
    }

    /// Computes the gradients of a discriminator update. Changes nothing.
    pub fn discriminator_gradients(&self, state: &State, inputs: &UpdateInputs) -> PhaseGradients {
        let UpdateInputs { number, real, generated } = inputs;
        let discriminator = state.discriminator.network.clone().train();
        let batch = real.images.dims()[0];
        let both = |part: fn(&Labelled) -> Tensor<2>| Tensor::cat(vec![part(real), part(generated)], 0).autodiff();
        let images = Tensor::cat(vec![real.images.clone(), generated.images.clone()], 0);
        let pass = Pass::Discriminator { update: *number };
        let images = self.inputs.augmentation(2 * batch, pass).apply(images).autodiff();
        let scores = discriminator.forward(
            images.clone(),
            both(|l| l.self_labels.label_weights.clone()),
            both(|l| l.self_labels.gate.clone()),
        );
        let mut loss = hinge_discriminator(scores.clone(), both(|l| l.weight.clone()), batch);
        if self.config.discriminator.r1_weight > 0.0 {
            let (real_images, real_scores) = (images.narrow(0, 0, batch), scores.narrow(0, 0, batch));
            loss = loss + self.slope_penalty(&discriminator, real_images, real, real_scores, *number);
        }
        PhaseGradients::of(&discriminator, loss)
    }

    /// Updates the discriminator.
    pub fn apply_discriminator(&self, state: &mut State, gradients: Named) {
        let rate = self.adversarial_rate(self.config.discriminator.learning_rate, state);
        state.discriminator.apply(gradients, rate.into());
    }

    /// Approximate R1 (Mescheder et al. 2018): `weight / 2` times the squared slope of the score along a random
    /// direction. The mean over directions is the squared gradient. The slope is a finite difference, so first-order
    /// gradients are enough.
    fn slope_penalty(
        &self,
        discriminator: &Discriminator,
        images: Tensor<4>,
        real: &Labelled,
        scores: Tensor<2>,
        number: u64,
    ) -> Tensor<1> {
        let sigma = self.config.discriminator.r1_sigma;
        let moved = images + self.inputs.noise(number).autodiff() * sigma;
        let moved_scores = discriminator.forward(
            moved,
            real.self_labels.label_weights.clone().autodiff(),
            real.self_labels.gate.clone().autodiff(),
        );
        let slope = (moved_scores - scores) / sigma;
        weighted_mean(slope.clone() * slope, real.weight.clone().autodiff())
            * (self.config.discriminator.r1_weight / 2.0)
    }
}
