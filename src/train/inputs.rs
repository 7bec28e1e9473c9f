//! The inputs of a step: a pure function of the task and the step's number.

use burn::tensor::{Device, Tensor};

use super::batch_sampler::BatchSampler;
use super::streams::Pass;
use super::task::Task;
use crate::config::{AugmentConfig, Mode};
use crate::kernels::batch::{DeviceImages, Residence, assemble};
use crate::kernels::diff_augment::{Augmentation, Policy};
use crate::kernels::upload::upload;
use crate::labels::{LatentPartition, one_hot};
use crate::rng::{Purpose, stream};

/// Makes the inputs of every step.
#[derive(Debug)]
pub struct InputMaker<'a> {
    task: &'a Task,
    partition: LatentPartition,
    real: BatchSampler,
    labelled: Option<BatchSampler>,
    /// The training images on the device, if it is better to keep them there.
    resident: Option<DeviceImages>,
    /// Whether labels are so few that the classifier uses shifts and pseudo-labels.
    has_few_labels: bool,
    device: Device,
}

/// Real images with what is known about them.
#[derive(Debug, Clone)]
pub struct RealBatch {
    /// Positions in the training set.
    pub indices: Vec<u32>,
    /// `[batch, channels, size, size]` in -1 to 1.
    pub images: Tensor<4>,
    /// 1 for each artificial label that an image may have, `[batch, labels]`.
    pub allowed: Tensor<2>,
    /// 1 for images with a manual label, `[batch, 1]`.
    pub known: Tensor<2>,
}

/// Latent vectors with their artificial labels.
#[derive(Debug, Clone)]
pub struct LatentBatch {
    /// `[batch, dim]`.
    pub vectors: Tensor<2>,
    /// One-hot, `[batch, labels]`.
    pub one_hot_labels: Tensor<2>,
}

impl<'a> InputMaker<'a> {
    /// Makes the inputs of a task; `partition` is the partition of its latent space.
    pub fn new(task: &'a Task, partition: LatentPartition, device: &Device) -> Self {
        let config = &task.config;
        let labelled: Vec<u32> = (0..task.manual.len() as u32).filter(|&i| task.manual[i as usize].is_some()).collect();
        let real = match config.mode {
            Mode::ClassConditional => labelled.clone(),
            Mode::SelfLabel | Mode::Unconditional => (0..task.manual.len() as u32).collect(),
        };
        let has_few_labels = labelled.len() <= config.classifier.few_labels;
        let sees_labels = !labelled.is_empty() && config.classifier.labelled_batch > 0;
        Self {
            task,
            partition,
            real: BatchSampler::new(real, config.seed, Purpose::Batches),
            resident: DeviceImages::new(&task.data.train.images, Residence::default(), device),
            labelled: sees_labels.then(|| BatchSampler::new(labelled, config.seed, Purpose::LabelledBatches)),
            has_few_labels,
            device: device.clone(),
        }
    }

    /// Number of artificial labels.
    pub fn label_count(&self) -> usize {
        self.partition.label_count()
    }

    /// The real images of discriminator update `number`, counted over the whole run.
    pub fn real(&self, number: u64) -> RealBatch {
        let indices = self.real.batch(number, self.task.config.batch);
        let mut flips = stream(self.task.config.seed, Purpose::Flips, number);
        let flips: Vec<bool> = indices.iter().map(|_| self.task.config.images.flip && flips.chance(0.5)).collect();
        let classes: Vec<Option<u16>> = indices.iter().map(|&index| self.task.manual[index as usize]).collect();
        let known = classes.iter().map(|class| if class.is_some() { 1.0 } else { 0.0 }).collect();
        RealBatch {
            images: self.assemble(&indices, &flips),
            allowed: self.allowed(&classes),
            known: self.tensor(known, [indices.len(), 1]),
            indices,
        }
    }

    /// The labelled images of a step, and the labels of their classes, `[labelled_batch, labels]`; none without labels.
    pub fn labelled(&self, step: u64) -> Option<(Tensor<4>, Tensor<2>)> {
        let indices = self.labelled.as_ref()?.batch(step, self.task.config.classifier.labelled_batch);
        let flips = vec![false; indices.len()];
        let classes: Vec<Option<u16>> = indices.iter().map(|&index| self.task.manual[index as usize]).collect();
        Some((self.assemble(&indices, &flips), self.allowed(&classes)))
    }

    /// Latents of discriminator update `number`, counted over the whole run.
    pub fn latents(&self, number: u64) -> LatentBatch {
        let latents =
            self.partition.draw(self.task.config.batch, &mut stream(self.task.config.seed, Purpose::Latents, number));
        LatentBatch {
            vectors: self.tensor(latents.vectors, [self.task.config.batch, self.partition.dim()]),
            one_hot_labels: one_hot(&latents.labels, self.label_count(), &self.device),
        }
    }

    /// DiffAugment's changes of `batch` images, for a pass through the discriminator.
    pub fn augmentation(&self, batch: usize, pass: Pass) -> Augmentation {
        let mut draws = stream(self.task.config.seed, Purpose::Augment, pass.number());
        let AugmentConfig { color, translation, cutout } = self.task.config.augment;
        let policy = Policy { color, translation, cutout };
        Augmentation::draw(policy, batch, self.task.data.train.images.shape.size, &mut draws, &self.device)
    }

    /// Whether labels are so few that the classifier uses shifts and pseudo-labels.
    pub fn has_few_labels(&self) -> bool {
        self.has_few_labels
    }

    /// Images for a pass through the classifier; shifted at random if labels are few.
    pub fn shifted(&self, images: Tensor<4>, pass: Pass) -> Tensor<4> {
        let only_shifts = Policy { color: false, translation: self.has_few_labels, cutout: false };
        let mut draws = stream(self.task.config.seed, Purpose::ClassifierShifts, pass.number());
        let [batch, _, size, _] = images.dims();
        Augmentation::draw(only_shifts, batch, size, &mut draws, &self.device).apply(images)
    }

    /// Factors `[batch, features]` that drop a feature or scale it up, for a pass through the classifier.
    pub fn dropout(&self, batch: usize, features: usize, pass: Pass) -> Tensor<2> {
        let dropped = self.task.config.classifier.dropout as f32;
        let mut draws = stream(self.task.config.seed, Purpose::Dropout, pass.number());
        let factor = |draw: f32| if draw < dropped { 0.0 } else { 1.0 / (1.0 - dropped) };
        self.tensor((0..batch * features).map(|_| factor(draws.uniform())).collect(), [batch, features])
    }

    /// Standard normal noise in the shape of a batch of images, for the penalty of update `number`.
    pub fn noise(&self, number: u64) -> Tensor<4> {
        let shape = self.task.data.train.images.shape;
        let dims = [self.task.config.batch, shape.channels, shape.size, shape.size];
        let values = stream(self.task.config.seed, Purpose::Penalty, number).normals(dims.iter().product());
        upload(values, dims, &self.device)
    }

    fn assemble(&self, indices: &[u32], flips: &[bool]) -> Tensor<4> {
        match &self.resident {
            Some(images) => images.assemble(indices, flips),
            None => assemble(&self.task.data.train.images, indices, flips, &self.device),
        }
    }

    fn allowed(&self, classes: &[Option<u16>]) -> Tensor<2> {
        let mut allowed = vec![1.0; classes.len() * self.label_count()];
        for (row, class) in allowed.chunks_exact_mut(self.label_count()).zip(classes) {
            if let (Some(class), Some(cells)) = (class, self.task.subject.cells) {
                row.fill(0.0);
                row[cells.labels_of(usize::from(*class))].fill(1.0);
            }
        }
        self.tensor(allowed, [classes.len(), self.label_count()])
    }

    fn tensor<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
        upload(values, shape, &self.device)
    }
}
