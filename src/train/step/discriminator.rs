//! The discriminator's phase.

use burn::tensor::Tensor;

use super::inputs::UpdateInputs;
use super::labelling::Labelled;
use super::phase::PhaseGradients;
use super::stepper::Stepper;
use crate::kernels::losses::{Hinge, hinge_loss_with, weighted_mean};
use crate::nn::Scorer;
use crate::nn::parameters::Named;
use crate::train::state::State;

impl Stepper<'_> {
    /// One power iteration in every layer of the discriminator. Call it before the gradients of each update.
    pub fn power_iteration(&self, state: &mut State) {
        state.discriminator.network.iterate();
    }

    /// Computes the gradients of a discriminator update. Changes nothing.
    pub fn discriminator_gradients(&self, state: &State, inputs: &UpdateInputs) -> PhaseGradients {
        let UpdateInputs { labelled, share, augmentation, noise } = inputs;
        let (discriminator, division) = state.discriminator.network.normalized();
        let discriminator = discriminator.train();
        let batch = labelled.batch();
        let (images, labels, gate) = labelled.both();
        let images = augmentation.apply_with(images, state.launch()).autodiff();
        let scores = discriminator.forward(images.clone(), labels.autodiff(), gate.autodiff());
        let weight = labelled.weight.clone().autodiff();
        let mut loss = match share {
            Some(share) => share.discriminator_loss(&scores, &weight, batch, state.launch()),
            None => hinge_loss_with(scores.clone(), weight, Hinge::Discriminator { real: batch }, state.launch()),
        };
        if let Some(noise) = noise {
            let (real_images, real_scores) = (images.narrow(0, 0, batch), scores.narrow(0, 0, batch));
            let penalty = self.slope_penalty(&discriminator, real_images, labelled, real_scores, noise.clone());
            loss = loss + share.as_ref().map_or(penalty.clone(), |share| share.of_real(penalty));
        }
        let PhaseGradients { gradients, loss } = PhaseGradients::of(discriminator.parameters(), loss);
        PhaseGradients { gradients: division.parameter_gradients(gradients), loss }
    }

    /// Updates the discriminator.
    pub fn apply_discriminator(&self, state: &mut State, gradients: Named) {
        let rates = self.discriminator_rates(state);
        let step = self.ahead.borrow().update(state.discriminator.optimizer.next_update(rates), 0.0);
        state.discriminator.apply(gradients, rates, step);
    }

    /// Approximate R1 (Mescheder et al. 2018): `weight / 2` times the squared slope of the score along a random
    /// direction. The mean over directions is the squared gradient. The slope is a finite difference, so first-order
    /// gradients are enough.
    fn slope_penalty(
        &self,
        discriminator: &Scorer,
        images: Tensor<4>,
        labelled: &Labelled,
        scores: Tensor<2>,
        noise: Tensor<4>,
    ) -> Tensor<1> {
        let sigma = self.config.discriminator.r1_sigma;
        let [labels, gate, weight] = labelled.real().map(Tensor::autodiff);
        let moved = images + noise.autodiff() * sigma;
        let slope = (discriminator.forward(moved, labels, gate) - scores) / sigma;
        weighted_mean(slope.clone() * slope, weight) * (self.config.discriminator.r1_weight / 2.0)
    }
}
