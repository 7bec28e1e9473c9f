//! The stock step on a task: the crate slgan-stock with our network sizes, initial weights and inputs.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use slgan::config::Config;
use slgan::kernels::add_enlarged::Enlargement;
use slgan::kernels::batch::assemble;
use slgan::labels::LatentPartition;
use slgan::nn::architecture::TrunkKind;
use slgan::nn::{Architecture, parameters};
use slgan::rng::{Purpose, stream};
use slgan::train::state::State;
use slgan::train::streams::{Pass, update_numbers};
use slgan::train::task::Task;
use slgan::train::{Draws, RealImages};
use slgan_stock::{Adversarial, Batch, Losses, Networks, Settings, Shift, Sizes, Trainer, Trunk, Weights};

/// A run of the stock step.
pub struct StockRun<'a> {
    task: &'a Task,
    /// Inputs come from the host, because only our kernels assemble batches on a GPU.
    draws: Draws<'a>,
    device: Device,
    step: u64,
    /// `None` only during a step.
    trainer: Option<Trainer>,
}

impl<'a> StockRun<'a> {
    /// A run at a step past the warm-up, with our initial weights.
    pub fn new(task: &'a Task, device: &Device, step: u64) -> Self {
        let (config, host) = (&task.config, Device::flex());
        let sizes = sizes(&task.architecture());
        let state = State::new(config, &task.architecture(), &host);
        let networks = Networks::new(&sizes, config.classifier.dropout, device).with_weights([
            weights(&state.generator.network),
            weights(&state.discriminator.network),
            weights(&state.classifier.network),
        ]);
        let partition = LatentPartition::new(&config.latent, task.subject.label_count, config.seed);
        Self {
            task,
            draws: Draws::new(task, partition),
            device: device.clone(),
            step,
            trainer: Some(Trainer::new(&sizes, networks, settings(config), step)),
        }
    }

    /// Does one step, without a read from the device.
    pub fn step(&mut self) -> Losses {
        let batch = self.batch();
        let trainer = self.trainer.take().expect("every step puts it back");
        let (trainer, losses) = trainer.step(batch);
        self.trainer = Some(trainer);
        self.step += 1;
        losses
    }

    fn batch(&self) -> Batch {
        let config = &self.task.config;
        let step = self.step;
        let labelled = self.draws.labelled(step);
        let learns_shifted = labelled.is_some() && self.draws.has_few_labels();
        Batch {
            updates: update_numbers(step, config.discriminator.updates)
                .map(|number| self.adversarial(number))
                .collect(),
            labelled: labelled
                .map(|labelled| (self.images(&labelled), self.rows(labelled.allowed, labelled.indices.len()))),
            shifts: learns_shifted.then(|| {
                let labelled = self.shifts(config.classifier.labelled_batch, Pass::ClassifierLabelled { step });
                [labelled, self.shifts(config.batch, Pass::ClassifierSelfLabelled { step })]
            }),
        }
    }

    fn adversarial(&self, number: u64) -> Adversarial {
        let (real, latents, batch) =
            (self.draws.real(number), self.draws.latents(number, None), self.task.config.batch);
        Adversarial {
            real: self.images(&real),
            allowed: self.rows(real.allowed, batch),
            known: self.rows(real.known, batch),
            latents: self.rows(latents.vectors, batch),
            wanted: self.rows(latents.one_hot_labels, batch),
        }
    }

    fn images(&self, RealImages { indices, flips, .. }: &RealImages) -> Tensor<4> {
        assemble(&self.task.data.train.images, indices, flips, &self.device)
    }

    /// `[count, ..]`.
    fn rows(&self, values: Vec<f32>, count: usize) -> Tensor<2> {
        let columns = values.len() / count;
        Tensor::from_data(TensorData::new(values, [count, columns]), &self.device)
    }

    /// The shifts `[count, 2]` of `Draws::shifts`, which draws all shifts down before all shifts right.
    fn shifts(&self, count: usize, pass: Pass) -> Tensor<2, Int> {
        let reach = Shift::reach(self.task.subject.image.size) as u32;
        let mut draws = stream(self.task.config.seed, Purpose::ClassifierShifts, pass.number());
        let mut column = || (0..count).map(|_| (draws.below(2 * reach + 1) as i32) - reach as i32).collect::<Vec<_>>();
        let (down, right) = (column(), column());
        let pairs: Vec<i32> = down.into_iter().zip(right).flat_map(|(down, right)| [down, right]).collect();
        Tensor::from_data(TensorData::new(pairs, [count, 2]), &self.device)
    }
}

/// The sizes of the networks, in the form that slgan-stock takes.
pub fn sizes(architecture: &Architecture) -> Sizes {
    Sizes {
        channels: architecture.image.channels,
        image_size: architecture.image.size,
        latent_dim: architecture.latent_dim,
        labels: architecture.label_count,
        base_size: architecture.base_size,
        generator_widths: architecture.generator_widths.clone(),
        deep_blocks: architecture.deep_blocks,
        bilinear_skips: architecture.skip_enlargement == Enlargement::Bilinear,
        discriminator_kernel: architecture.discriminator_kernel,
        trunk: match architecture.trunk {
            TrunkKind::Strided => Trunk::Strided,
            TrunkKind::Residual => Trunk::Residual { halvings: architecture.trunk_halvings() },
        },
        trunk_widths: architecture.trunk_widths.clone(),
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        learning_rates: [
            config.generator.learning_rate,
            config.discriminator.learning_rate,
            config.classifier.learning_rate,
        ],
        generator_weight: config.classifier.generator_weight,
        generated_weight: config.classifier.generated_weight,
        self_weight: config.classifier.self_weight,
        tau: config.gate.tau,
        average_decay: config.generator.average_decay,
        teacher_decay: config.classifier.teacher_decay,
        prior_decay: config.classifier.prior_decay,
    }
}

fn weights<M: Module>(network: &M) -> Weights {
    parameters::values(network).into_iter().map(|(name, value)| (name, value.into_data())).collect()
}

#[cfg(test)]
mod tests;
