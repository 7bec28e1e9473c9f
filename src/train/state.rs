//! The state of training: everything that a step changes.

use burn::module::Module;
use burn::tensor::Device;

use super::optimizer::{Optimizer, Rates};
use crate::config::Config;
use crate::kernels::adam::AdamStep;
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::labels::{LabelTable, Teacher};
use crate::nn::parameters::{self, Named};
use crate::nn::{Architecture, Classifier, Discriminator, Generator, Initializer};

/// A network with the optimiser that trains it.
#[derive(Debug, Clone)]
pub struct Trained<M> {
    /// The network, on a plain device.
    pub network: M,
    /// Its optimiser.
    pub optimizer: Optimizer,
}

impl<M: Module> Trained<M> {
    fn new(network: M, betas: [f64; 2], launch: Launch) -> Self {
        Self { network, optimizer: Optimizer::new(betas, launch) }
    }

    /// Applies gradients. A caller may have reduced them over devices first. `step` is the update if it is on the
    /// device already; without it, or if it is another one, it is sent.
    pub fn apply(&mut self, gradients: Named, rates: Rates, step: Option<AdamStep>) {
        (self.network, _) = self.optimizer.apply(self.network.clone(), gradients, rates, None, step);
    }

    /// Like [`Self::apply`], but then moves `average` towards the network, with `decay`.
    pub fn apply_and_average(
        &mut self,
        gradients: Named,
        rates: Rates,
        average: &mut M,
        decay: f64,
        step: Option<AdamStep>,
    ) {
        let followed = Some((average.clone(), decay));
        let (network, followed) = self.optimizer.apply(self.network.clone(), gradients, rates, followed, step);
        self.network = network;
        if let Some(followed) = followed {
            *average = followed;
        }
    }
}

/// Everything that a step changes. Random numbers are functions of the step, so they are not part of the state. A step
/// never changes the classes of devices, but the networks are made for one.
#[derive(Debug, Clone)]
pub struct State {
    /// Steps done.
    pub step: u64,
    /// The generator that is trained.
    pub generator: Trained<Generator>,
    /// The discriminator.
    pub discriminator: Trained<Discriminator>,
    /// The classifier that is trained.
    pub classifier: Trained<Classifier>,
    /// The moving average of the generator, which makes the pictures.
    pub average: Generator,
    /// The moving average of the classifier, which makes the labels.
    pub teacher: Teacher,
    /// The labels that the discriminator sees, once there is a table.
    pub label_table: Option<LabelTable>,
    /// The class of the device that computes.
    pub device_class: DeviceClass,
    /// The class of the device that computed the checkpoint; none in a fresh state.
    pub restored_from: Option<DeviceClass>,
}

/// A copy of the network in its own memory: one kernel cannot bind an average and a network that share memory.
fn copied<M: Module>(network: &M) -> M {
    let values = parameters::values(network).into_iter().map(|(name, value)| (name, value * 1.0));
    parameters::with_values(network.clone(), &mut values.collect())
}

/// Decays of the moments of generator and discriminator: no momentum, because the loss surface moves with the opponent.
const ADVERSARIAL_BETAS: [f64; 2] = [0.0, 0.9];

/// Decays of the classifier's moments: the usual ones.
const CLASSIFIER_BETAS: [f64; 2] = [0.9, 0.999];

impl State {
    /// The state before the first step.
    pub fn new(config: &Config, architecture: &Architecture, device: &Device) -> Self {
        let init = |name| Initializer::new(config.seed, name, device).of_class(architecture.class);
        let launch = Launch::of(architecture.class);
        let generator = Generator::new(architecture, &init("generator"));
        let discriminator = Discriminator::new(architecture, &init("discriminator"));
        let classifier = Classifier::new(architecture, &init("classifier"));
        Self {
            step: 0,
            average: copied(&generator),
            teacher: Teacher::new(copied(&classifier), architecture.label_count, &init("teacher")),
            generator: Trained::new(generator, ADVERSARIAL_BETAS, launch),
            discriminator: Trained::new(discriminator, ADVERSARIAL_BETAS, launch),
            classifier: Trained::new(classifier, CLASSIFIER_BETAS, launch),
            label_table: None,
            device_class: architecture.class,
            restored_from: None,
        }
    }

    /// How the kernels of its device are launched.
    pub fn launch(&self) -> Launch {
        Launch::of(self.device_class)
    }

    /// The table whose labels generated images have as often as real ones, if the configuration says so.
    pub fn histogram(&self, config: &Config) -> Option<&LabelTable> {
        self.label_table.as_ref().filter(|_| config.label_table.histogram)
    }

    /// The values of all networks, averages and the prior, flat by name, in a fixed order of the networks.
    pub(super) fn values(&self) -> Vec<Named> {
        let Self { generator, discriminator, classifier, average, teacher, .. } = self;
        vec![
            parameters::values(&generator.network),
            parameters::values(&discriminator.network),
            parameters::values(&classifier.network),
            parameters::values(average),
            parameters::values(teacher),
        ]
    }

    /// Puts values into the networks that [`Self::values`] took from there.
    pub(super) fn put_values(&mut self, values: Vec<Named>) {
        let mut values = values.into_iter();
        put(&mut self.generator.network, values.next());
        put(&mut self.discriminator.network, values.next());
        put(&mut self.classifier.network, values.next());
        put(&mut self.average, values.next());
        put(&mut self.teacher, values.next());
    }

    /// The moments of all optimisers, flat by name.
    pub(super) fn moments(&self) -> Vec<Named> {
        [&self.generator.optimizer, &self.discriminator.optimizer, &self.classifier.optimizer]
            .into_iter()
            .flat_map(|optimizer| [optimizer.first_moments.clone(), optimizer.second_moments.clone()])
            .collect()
    }

    /// The same state in memory of its own.
    pub(super) fn copied(&self) -> Self {
        let trained = |optimizer: &Optimizer| {
            let mut optimizer = optimizer.clone();
            for moments in [&mut optimizer.first_moments, &mut optimizer.second_moments] {
                moments.values_mut().for_each(|moment| *moment = moment.clone() * 1.0);
            }
            optimizer
        };
        Self {
            generator: Trained {
                network: copied(&self.generator.network),
                optimizer: trained(&self.generator.optimizer),
            },
            discriminator: Trained {
                network: copied(&self.discriminator.network),
                optimizer: trained(&self.discriminator.optimizer),
            },
            classifier: Trained {
                network: copied(&self.classifier.network),
                optimizer: trained(&self.classifier.optimizer),
            },
            average: copied(&self.average),
            teacher: copied(&self.teacher),
            ..self.clone()
        }
    }
}

fn put<M: Module>(network: &mut M, values: Option<Named>) {
    if let Some(mut values) = values {
        *network = parameters::with_values(network.clone(), &mut values);
    }
}
