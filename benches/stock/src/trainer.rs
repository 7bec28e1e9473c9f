//! The training step.

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Int, Tensor, activation};

use crate::average::averaged;
use crate::inputs::{Adversarial, Batch, Losses, Settings};
use crate::labelling::{SelfLabels, corrected, gate, self_label};
use crate::losses::{cross_entropy, hinge_discriminator, hinge_generator, trusted_cross_entropy};
use crate::networks::{Classifier, Discriminator, Generator, Networks};
use crate::shift::Shift;
use crate::sizes::Sizes;

/// A network on the autodiff device, with the optimiser that trains it.
struct Trained<M> {
    network: M,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
}

impl<M: Module> Trained<M> {
    fn new(network: M, learning_rate: f64, [beta_1, beta_2]: [f32; 2]) -> Self {
        let adam = AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(1e-8);
        Self { network: network.train(), optimizer: adam.init(), learning_rate }
    }

    fn update(mut self, loss: &Tensor<1>) -> Self {
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.optimizer.step(self.learning_rate, self.network, gradients);
        self
    }
}

/// The state of training, and the step.
pub struct Trainer {
    settings: Settings,
    step: u64,
    generator: Trained<Generator>,
    discriminator: Trained<Discriminator>,
    classifier: Trained<Classifier>,
    /// The moving average of the generator.
    average: Generator,
    /// The moving average of the classifier.
    teacher: Classifier,
    /// The running mean of the teacher's probabilities, `[1, labels]`.
    prior: Tensor<2>,
    shift: Shift,
}

/// What the discriminator sees: real images, then generated ones.
struct Seen {
    images: Tensor<4>,
    labels: Tensor<2>,
    gate: Tensor<2>,
}

const ADVERSARIAL_BETAS: [f32; 2] = [0.0, 0.9];
const CLASSIFIER_BETAS: [f32; 2] = [0.9, 0.999];

impl Trainer {
    /// A run that starts at `step`, which must be past the warm-up.
    pub fn new(sizes: &Sizes, networks: Networks, settings: Settings, step: u64) -> Self {
        let Networks { generator, discriminator, classifier } = networks;
        let device = generator.devices().remove(0).without_autodiff();
        let [generator_rate, discriminator_rate, classifier_rate] = settings.learning_rates;
        Self {
            step,
            average: generator.valid(),
            teacher: classifier.valid(),
            generator: Trained::new(generator, generator_rate, ADVERSARIAL_BETAS),
            discriminator: Trained::new(discriminator, discriminator_rate, ADVERSARIAL_BETAS),
            classifier: Trained::new(classifier, classifier_rate, CLASSIFIER_BETAS),
            prior: Tensor::full([1, sizes.labels], 1.0 / sizes.labels as f64, &device),
            shift: Shift::new(sizes.image_size, &device),
            settings,
        }
    }

    /// Takes one step. It reads nothing from the device.
    ///
    /// # Panics
    /// If the batch has no discriminator update.
    pub fn step(mut self, batch: Batch) -> (Self, Losses) {
        let Batch { mut updates, labelled, shifts } = batch;
        let shared = updates.pop().expect("a batch has at least one discriminator update");
        for update in updates {
            let images = self.generate(&update).without_autodiff();
            let (seen, ..) = self.label(&update, images);
            (self, _) = self.train_discriminator(seen);
        }
        let generated = self.generate(&shared);
        let plain = generated.clone().without_autodiff();
        let (seen, real, logits) = self.label(&shared, plain.clone());
        let count = shared.real.dims()[0];
        let generated_gate = seen.gate.clone().narrow(0, count, count);
        let (trained, discriminator) = self.train_discriminator(seen);
        let (trained, classifier) = trained.train_classifier(&shared, plain, &real, labelled, shifts);
        let (mut trained, generator) = trained.train_generator(&shared, generated, generated_gate);
        trained.observe(logits);
        trained.step += 1;
        (trained, Losses { discriminator, classifier, generator })
    }

    /// The decay of a moving average, which ramps up over the first steps.
    fn ramped(&self, decay: f64) -> f64 {
        decay.min((1.0 + self.step as f64) / (10.0 + self.step as f64))
    }

    fn generate(&self, update: &Adversarial) -> Tensor<4> {
        self.generator.network.forward(update.latents.clone().autodiff())
    }

    /// The teacher labels real images; latents label `generated` images. Returns what the discriminator sees, the real
    /// images' labels, and the teacher's uncorrected logits.
    fn label(&self, update: &Adversarial, generated: Tensor<4>) -> (Seen, SelfLabels, Tensor<2>) {
        let logits = self.teacher.forward(update.real.clone());
        let corrected_logits = corrected(logits.clone(), self.prior.clone());
        let real = self_label(corrected_logits, update.allowed.clone(), update.known.clone(), self.settings.tau);
        let generated_logits = corrected(self.teacher.forward(generated.clone()), self.prior.clone());
        let seen = Seen {
            images: Tensor::cat(vec![update.real.clone(), generated], 0),
            labels: Tensor::cat(vec![real.labels.clone(), update.wanted.clone()], 0),
            gate: Tensor::cat(
                vec![real.gate.clone(), gate(generated_logits, update.known.clone(), self.settings.tau)],
                0,
            ),
        };
        (seen, real, logits)
    }

    fn train_discriminator(mut self, seen: Seen) -> (Self, Tensor<1>) {
        self.discriminator.network.iterate();
        let Seen { images, labels, gate } = seen;
        let scores = self.discriminator.network.forward(images.autodiff(), labels.autodiff(), gate.autodiff());
        let loss = hinge_discriminator(scores);
        self.discriminator = self.discriminator.update(&loss);
        (self, loss.without_autodiff())
    }

    fn train_classifier(
        mut self,
        shared: &Adversarial,
        generated: Tensor<4>,
        real: &SelfLabels,
        labelled: Option<(Tensor<4>, Tensor<2>)>,
        shifts: Option<[Tensor<2, Int>; 2]>,
    ) -> (Self, Option<Tensor<1>>) {
        let Settings { generated_weight, self_weight, teacher_decay, .. } = self.settings;
        let logits = |images: Tensor<4>| self.classifier.network.forward_with_dropout(images.autodiff());
        let mut losses = Vec::new();
        if generated_weight > 0.0 {
            losses.push(cross_entropy(logits(generated), shared.wanted.clone().autodiff()) * generated_weight);
        }
        match (labelled, shifts) {
            (Some((images, targets)), Some([labelled_shifts, real_shifts])) => {
                losses.push(cross_entropy(logits(self.shift.apply(images, labelled_shifts)), targets.autodiff()));
                let logits = logits(self.shift.apply(shared.real.clone(), real_shifts));
                let [labels, trusted] = [&real.labels, &real.gate].map(|tensor| tensor.clone().autodiff());
                losses.push(trusted_cross_entropy(logits, labels, trusted) * self_weight);
            }
            (Some((images, targets)), None) => losses.push(cross_entropy(logits(images), targets.autodiff())),
            (None, _) => {}
        }
        let Some(loss) = losses.into_iter().reduce(|sum, loss| sum + loss) else { return (self, None) };
        self.classifier = self.classifier.update(&loss);
        let decay = self.ramped(teacher_decay);
        self.teacher = averaged(self.teacher, &self.classifier.network, decay);
        (self, Some(loss.without_autodiff()))
    }

    /// The gradient passes through the current discriminator and classifier, but not into their weights.
    fn train_generator(mut self, shared: &Adversarial, generated: Tensor<4>, gate: Tensor<2>) -> (Self, Tensor<1>) {
        let discriminator = self.discriminator.network.clone().no_grad();
        let wanted = shared.wanted.clone().autodiff();
        let mut loss = hinge_generator(discriminator.forward(generated.clone(), wanted.clone(), gate.autodiff()));
        let weight = self.settings.generator_weight;
        if weight > 0.0 {
            let classifier = self.classifier.network.clone().no_grad();
            loss = loss + cross_entropy(classifier.forward(generated), wanted) * weight;
        }
        self.generator = self.generator.update(&loss);
        let decay = self.ramped(self.settings.average_decay);
        self.average = averaged(self.average, &self.generator.network, decay);
        (self, loss.without_autodiff())
    }

    /// Moves the prior towards the teacher's probabilities of real images.
    fn observe(&mut self, logits: Tensor<2>) {
        let decay = self.ramped(self.settings.prior_decay);
        let mean = activation::softmax(logits, 1).mean_dim(0);
        self.prior = self.prior.clone() * decay + mean * (1.0 - decay);
    }
}
