//! One training step, split into gradients and their application.
//!
//! A step has three phases: discriminator, classifier, generator. Each computes its gradients by name and then applies
//! them, so that a caller with several devices can reduce the gradients in between. Nothing is read from the device.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::Tensor;

use super::inputs::{InputMaker, LatentBatch, RealBatch};
use super::optimizer::Rates;
use super::schedule::learning_rate_factor;
use super::state::State;
use crate::config::{Config, Mode, Unlabeled};
use crate::kernels::losses::{
    cross_entropy, hinge_discriminator, hinge_generator, trusted_cross_entropy, weighted_mean,
};
use crate::kernels::self_label::{SelfLabels, corrected, self_label};
use crate::labels::teacher::ramped;
use crate::nn::parameters::{self, Named};
use crate::nn::{Classifier, Discriminator, Generator, Statistics};

/// What a step leaves on the device for those who want to read it.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// The discriminator's loss, `[1]`; none where it is not trained.
    pub d_loss: Option<Tensor<1>>,
    /// The classifier's loss, `[1]`.
    pub c_loss: Option<Tensor<1>>,
    /// The generator's loss, `[1]`.
    pub g_loss: Option<Tensor<1>>,
    /// The teacher's logits `[batch, labels]` of the real images; manual labels play no part in them.
    pub real_logits: Tensor<2>,
    /// What they are corrected by before they become labels, `[1, labels]`.
    pub prior: Option<Tensor<2>>,
    /// Positions of those images in the training data.
    pub real_indices: Vec<u32>,
}

impl StepResult {
    /// The logits `[batch, labels]` by which the teacher labels the real images.
    pub fn label_logits(&self) -> Tensor<2> {
        match &self.prior {
            Some(prior) => corrected(self.real_logits.clone(), prior.clone()),
            None => self.real_logits.clone(),
        }
    }
}

/// Images with the labels that the discriminator sees.
struct Labelled {
    images: Tensor<4>,
    labels: SelfLabels,
    /// Weight in the discriminator's and the generator's losses, `[batch, 1]`.
    weight: Tensor<2>,
    /// 1 where the teacher or a manual label vouches for the label, whatever the mode, `[batch, 1]`.
    trusted: Tensor<2>,
}

/// Performs steps of one run.
#[derive(Debug)]
pub struct Stepper<'a> {
    config: &'a Config,
    inputs: InputMaker<'a>,
}

impl<'a> Stepper<'a> {
    /// A stepper of a configuration and its inputs.
    pub fn new(config: &'a Config, inputs: InputMaker<'a>) -> Self {
        Self { config, inputs }
    }

    /// Performs step `state.step` and counts it.
    pub fn step(&self, state: &mut State) -> StepResult {
        let step = state.step;
        let trains_adversaries = self.config.discriminator.updates > 0;
        let rate = learning_rate_factor(&self.config.generator, step);
        let numbers = self.update_numbers(step);
        let last = numbers.end - 1;
        for number in numbers.start..last {
            self.extra_discriminator_update(state, number, rate);
        }

        let real = self.inputs.real(last);
        let latents = self.inputs.latents(last);
        let (generator, generated) = self.generate(state, &latents);
        let plain_generated = generated.clone().without_autodiff();
        let real_logits = state.teacher.classifier.forward(real.images.clone());
        let prior = self.prior(state);
        let real_labelled = self.label_real(state, &real, real_logits.clone());
        let generated_labelled = self.label_generated(state, plain_generated.clone(), &latents);

        let d_loss = trains_adversaries.then(|| {
            let (gradients, loss) = self.discriminator_gradients(state, &real_labelled, &generated_labelled, last);
            state.discriminator.apply(gradients, (self.config.discriminator.learning_rate * rate).into());
            loss
        });
        let c_loss =
            self.classifier_gradients(state, &real_labelled, plain_generated, &latents).map(|(gradients, loss)| {
                let config = &self.config.classifier;
                let decay = ramped(config.teacher_decay, step);
                let teacher = &mut state.teacher.classifier;
                let rates = Rates { learning_rate: config.learning_rate, weight_decay: config.weight_decay };
                state.classifier.apply_and_average(gradients, rates, teacher, decay);
                loss
            });
        let g_loss = trains_adversaries.then(|| {
            let (gradients, loss) =
                self.generator_gradients(state, &generator, generated, &generated_labelled, &latents, last);
            state.generator.network = generator.valid();
            let config = &self.config.generator;
            let decay = ramped(config.average_decay, step);
            let rates = (config.learning_rate * rate).into();
            state.generator.apply_and_average(gradients, rates, &mut state.average, decay);
            loss
        });

        state.teacher.observe(real_logits.clone(), ramped(self.config.classifier.prior_decay, step));
        state.step += 1;
        StepResult { d_loss, c_loss, g_loss, real_logits, prior, real_indices: real.indices }
    }

    /// The numbers, over the whole run, of this step's discriminator updates; the last one shares the step's images.
    /// Without any, the step still has images, for the classifier.
    fn update_numbers(&self, step: u64) -> Range<u64> {
        let updates = (self.config.discriminator.updates as u64).max(1);
        step * updates..(step + 1) * updates
    }

    /// A discriminator update with images of its own, before the step's shared ones.
    fn extra_discriminator_update(&self, state: &mut State, number: u64, rate: f64) {
        let latents = self.inputs.latents(number);
        let mut generator = state.generator.network.clone();
        let generated = generator.forward(latents.vectors.clone(), &latents.labels, Statistics::Batch);
        let real = self.inputs.real(number);
        let real_logits = state.teacher.classifier.forward(real.images.clone());
        let real = self.label_real(state, &real, real_logits);
        let generated = self.label_generated(state, generated, &latents);
        let (gradients, _) = self.discriminator_gradients(state, &real, &generated, number);
        state.discriminator.apply(gradients, (self.config.discriminator.learning_rate * rate).into());
    }

    /// The step's generated images with the tracked generator that made them; they are shared by all three phases.
    fn generate(&self, state: &State, latents: &LatentBatch) -> (Generator, Tensor<4>) {
        let mut generator = state.generator.network.clone().train();
        let images = generator.forward(
            latents.vectors.clone().autodiff(),
            &latents.labels.clone().autodiff(),
            Statistics::Batch,
        );
        (generator, images)
    }

    fn label_real(&self, state: &State, real: &RealBatch, logits: Tensor<2>) -> Labelled {
        let gate = &self.config.gate;
        let (allowed, known) = (real.allowed.clone(), real.known.clone());
        let labels = self_label(logits, self.prior(state), allowed, known, gate.tau, gate.labels);
        self.gated(state.step, real.images.clone(), labels)
    }

    /// Generated images keep the label of their latent; the gate acts on them as on real ones, or the discriminator
    /// would see easy labelled reals beside arbitrarily labelled fakes.
    fn label_generated(&self, state: &State, images: Tensor<4>, latents: &LatentBatch) -> Labelled {
        let logits = state.teacher.classifier.forward(images.clone());
        let all = logits.ones_like();
        let unknown = all.clone().slice([0..all.dims()[0], 0..1]).zeros_like();
        let gate = &self.config.gate;
        let labels = self_label(logits, self.prior(state), all, unknown, gate.tau, gate.labels);
        self.gated(state.step, images, SelfLabels { labels: latents.labels.clone(), ..labels })
    }

    /// What the teacher's logits are corrected by, where they are.
    fn prior(&self, state: &State) -> Option<Tensor<2>> {
        self.config.classifier.prior_correction.then(|| state.teacher.prior())
    }

    /// Lets the mode, the warm-up and the policy for the others decide what the discriminator sees.
    fn gated(&self, step: u64, images: Tensor<4>, labels: SelfLabels) -> Labelled {
        let ones = labels.gate.ones_like();
        let (gate, weight) = match self.config.mode {
            Mode::ClassConditional => (ones.clone(), ones),
            Mode::Unconditional => (ones.zeros_like(), ones),
            Mode::SelfLabel if step < self.config.gate.warm_up => (ones.zeros_like(), ones),
            Mode::SelfLabel => match self.config.gate.unlabeled {
                Unlabeled::Unconditional => (labels.gate.clone(), ones),
                Unlabeled::Drop => (labels.gate.clone(), labels.gate.clone()),
            },
        };
        let trusted = labels.gate;
        Labelled { images, labels: SelfLabels { gate, ..labels }, weight, trusted }
    }

    fn discriminator_gradients(
        &self,
        state: &mut State,
        real: &Labelled,
        generated: &Labelled,
        number: u64,
    ) -> (Named, Tensor<1>) {
        state.discriminator.network.iterate();
        let discriminator = state.discriminator.network.clone().train();
        let batch = real.images.dims()[0];
        let both = |part: fn(&Labelled) -> Tensor<2>| Tensor::cat(vec![part(real), part(generated)], 0).autodiff();
        let images = Tensor::cat(vec![real.images.clone(), generated.images.clone()], 0);
        let images = self.inputs.augmentation(2 * batch, 2 * number).apply(images).autodiff();
        let scores =
            discriminator.forward(images.clone(), both(|l| l.labels.labels.clone()), both(|l| l.labels.gate.clone()));
        let mut loss = hinge_discriminator(scores.clone(), both(|l| l.weight.clone()), batch);
        if self.config.discriminator.r1_weight > 0.0 {
            let (real_images, real_scores) = (images.narrow(0, 0, batch), scores.narrow(0, 0, batch));
            loss = loss + self.slope_penalty(&discriminator, real_images, real, real_scores, number);
        }
        let mut gradients = loss.backward();
        (parameters::gradients(&discriminator, &mut gradients), loss.without_autodiff())
    }

    /// Approximate R1 (Mescheder et al. 2018): `weight / 2` times the squared slope of the score along a random
    /// direction, whose mean over directions is the squared gradient. The slope is a finite difference, so that
    /// first-order gradients are enough.
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
        let moved_scores =
            discriminator.forward(moved, real.labels.labels.clone().autodiff(), real.labels.gate.clone().autodiff());
        let slope = (moved_scores - scores) / sigma;
        weighted_mean(slope.clone() * slope, real.weight.clone().autodiff())
            * (self.config.discriminator.r1_weight / 2.0)
    }

    /// None where the classifier has nothing to learn from.
    ///
    /// Where manual labels are few, trusted self-labels are learned as well, and real images are shifted at random.
    /// Self-labels are learned only beside manual ones: alone, they would echo whatever the first steps made of them.
    fn classifier_gradients(
        &self,
        state: &State,
        real: &Labelled,
        generated: Tensor<4>,
        latents: &LatentBatch,
    ) -> Option<(Named, Tensor<1>)> {
        let classifier = state.classifier.network.clone().train();
        let config = &self.config.classifier;
        let number = 3 * state.step;
        let mut losses = Vec::new();
        if config.generated_weight > 0.0 {
            let logits = self.logits_with_dropout(&classifier, generated, number);
            losses.push(cross_entropy(logits, latents.labels.clone().autodiff()) * config.generated_weight);
        }
        if let Some((images, targets)) = self.inputs.labelled(state.step) {
            let logits = self.logits_with_dropout(&classifier, self.inputs.shifted(images, number + 1), number + 1);
            losses.push(cross_entropy(logits, targets.autodiff()));
            if config.self_weight > 0.0 && self.inputs.has_few_labels() {
                let images = self.inputs.shifted(real.images.clone(), number + 2);
                let logits = self.logits_with_dropout(&classifier, images, number + 2);
                let [labels, trusted] = [&real.labels.labels, &real.trusted].map(|tensor| tensor.clone().autodiff());
                losses.push(trusted_cross_entropy(logits, labels, trusted) * config.self_weight);
            }
        }
        let loss = losses.into_iter().reduce(|sum, loss| sum + loss)?;
        let mut gradients = loss.backward();
        Some((parameters::gradients(&classifier, &mut gradients), loss.without_autodiff()))
    }

    fn logits_with_dropout(&self, classifier: &Classifier, images: Tensor<4>, number: u64) -> Tensor<2> {
        let features = classifier.features(images.autodiff());
        if self.config.classifier.dropout == 0.0 {
            return classifier.logits_of(features);
        }
        let [batch, count] = features.dims();
        classifier.logits_of(features * self.inputs.dropout(batch, count, number).autodiff())
    }

    fn generator_gradients(
        &self,
        state: &State,
        generator: &Generator,
        generated: Tensor<4>,
        labelled: &Labelled,
        latents: &LatentBatch,
        number: u64,
    ) -> (Named, Tensor<1>) {
        let discriminator = state.discriminator.network.clone().train().no_grad();
        let augmented = self.inputs.augmentation(self.config.batch, 2 * number + 1).apply(generated.clone());
        let labels = &labelled.labels;
        let scores = discriminator.forward(augmented, labels.labels.clone().autodiff(), labels.gate.clone().autodiff());
        let mut loss = hinge_generator(scores, labelled.weight.clone().autodiff());
        let lambda = self.config.classifier.generator_weight;
        if lambda > 0.0 {
            let classifier = state.classifier.network.clone().train().no_grad();
            loss = loss + cross_entropy(classifier.forward(generated), latents.labels.clone().autodiff()) * lambda;
        }
        let mut gradients = loss.backward();
        (parameters::gradients(generator, &mut gradients), loss.without_autodiff())
    }
}
