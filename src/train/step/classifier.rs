//! The classifier's phase.

use burn::module::Module;
use burn::tensor::Tensor;

use super::inputs::StepInputs;
use super::phase::PhaseGradients;
use super::stepper::Stepper;
use crate::kernels::losses::{cross_entropy, trusted_cross_entropy};
use crate::labels::teacher::ramped;
use crate::nn::Classifier;
use crate::nn::parameters::Named;
use crate::train::optimizer::Rates;
use crate::train::state::State;
use crate::train::streams::Pass;

impl Stepper<'_> {
    /// Computes the classifier's gradients; none if it has nothing to learn from. Changes nothing.
    ///
    /// With few manual labels, it also learns from trusted pseudo-labels, and real images are shifted at random. It
    /// never learns from pseudo-labels alone, because they would only repeat what the first steps taught it.
    pub fn classifier_gradients(&self, state: &State, inputs: &StepInputs) -> Option<PhaseGradients> {
        let (real, generated) = (&inputs.update.real, &inputs.update.generated);
        let classifier = state.classifier.network.clone().train();
        let (config, step) = (&self.config.classifier, state.step);
        let mut losses = Vec::new();
        if config.generated_weight > 0.0 {
            let pass = Pass::ClassifierGenerated { step };
            let logits = self.logits_with_dropout(&classifier, generated.images.clone(), pass);
            losses.push(
                cross_entropy(logits, generated.self_labels.label_weights.clone().autodiff()) * config.generated_weight,
            );
        }
        if let Some((images, targets)) = self.inputs.labelled(step) {
            let pass = Pass::ClassifierLabelled { step };
            let logits = self.logits_with_dropout(&classifier, self.inputs.shifted(images, pass), pass);
            losses.push(cross_entropy(logits, targets.autodiff()));
            if config.self_weight > 0.0 && self.inputs.has_few_labels() {
                let pass = Pass::ClassifierSelfLabelled { step };
                let images = self.inputs.shifted(real.images.clone(), pass);
                let logits = self.logits_with_dropout(&classifier, images, pass);
                let [labels, trusted] =
                    [&real.self_labels.label_weights, &real.trusted].map(|tensor| tensor.clone().autodiff());
                losses.push(trusted_cross_entropy(logits, labels, trusted) * config.self_weight);
            }
        }
        let loss = losses.into_iter().reduce(|sum, loss| sum + loss)?;
        Some(PhaseGradients::of(&classifier, loss))
    }

    /// Updates the classifier, then moves the teacher towards it.
    pub fn apply_classifier(&self, state: &mut State, gradients: Named) {
        let config = &self.config.classifier;
        let decay = ramped(config.teacher_decay, state.step);
        let rates = Rates { learning_rate: config.learning_rate, weight_decay: config.weight_decay };
        state.classifier.apply_and_average(gradients, rates, &mut state.teacher.classifier, decay);
    }

    fn logits_with_dropout(&self, classifier: &Classifier, images: Tensor<4>, pass: Pass) -> Tensor<2> {
        let features = classifier.features(images.autodiff());
        if self.config.classifier.dropout == 0.0 {
            return classifier.logits_of(features);
        }
        let [batch, count] = features.dims();
        classifier.logits_of(features * self.inputs.dropout(batch, count, pass).autodiff())
    }
}
