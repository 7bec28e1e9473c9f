//! The classifier's phase.

use burn::module::Module;

use super::information::negative_information;
use super::inputs::StepInputs;
use super::phase::PhaseGradients;
use super::rows::rows_of;
use super::stepper::Stepper;
use crate::kernels::losses::cross_entropies_with;
use crate::nn::parameters::Named;
use crate::train::inputs::ClassifierTensors;
use crate::train::state::State;

impl Stepper<'_> {
    /// Computes the classifier's gradients; none if it has nothing to learn from. Changes nothing.
    pub fn classifier_gradients(&self, state: &State, inputs: &StepInputs) -> Option<PhaseGradients> {
        let ClassifierTensors { rows, counts, shifts, dropout } = inputs.classifier.as_ref()?;
        let labelled = &inputs.update.labelled;
        let classifier = state.classifier.network.clone().train();
        let images = shifts.apply_with(rows_of(&labelled.images, rows), state.launch());
        let mut features = classifier.features(images.autodiff());
        if let Some(factors) = dropout {
            features = features * factors.clone().autodiff();
        }
        let targets = rows_of(&labelled.label_weights, rows).autodiff();
        let trusted = labelled.trusted.clone().autodiff();
        let logits = classifier.logits_of(features);
        let mut loss = cross_entropies_with(logits, targets, trusted, *counts, state.launch());
        let weight = self.config.classifier.information_weight;
        if weight > 0.0 {
            let real_images = labelled.images.clone().narrow(0, 0, labelled.batch()).autodiff();
            loss = loss + negative_information(classifier.forward(real_images)) * weight;
        }
        Some(PhaseGradients::of(&classifier, loss))
    }

    /// Updates the classifier, then moves the teacher towards it.
    pub fn apply_classifier(&self, state: &mut State, gradients: Named) {
        let (rates, decay) = self.classifier_rates(state);
        let step = self.ahead.borrow().update(state.classifier.optimizer.next_update(rates), decay);
        state.classifier.apply_and_average(gradients, rates, &mut state.teacher.classifier, decay, step);
    }
}
