//! What the passes of a step are drawn and chosen from, on the host: a pure function of the task and of numbers.

use crate::config::{AugmentConfig, Config, Mode};
use crate::kernels::diff_augment::{Change, Policy, changes};
use crate::labels::{LabelTable, LatentPartition, one_hot_rows};
use crate::rng::{Purpose, Stream, stream};
use crate::train::batch_sampler::BatchSampler;
use crate::train::streams::Pass;
use crate::train::task::Task;

/// Draws the numbers of every step.
#[derive(Debug)]
pub struct Draws<'a> {
    task: &'a Task,
    partition: LatentPartition,
    real: BatchSampler,
    labelled: Option<BatchSampler>,
    has_few_labels: bool,
}

/// Real images with what is known about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RealImages {
    /// Positions in the training set.
    pub indices: Vec<u32>,
    /// Whether each image is mirrored.
    pub flips: Vec<bool>,
    /// 1 for each artificial label that an image may have, `[batch, labels]`.
    pub allowed: Vec<f32>,
    /// 1 for images with a manual label, `[batch, 1]`.
    pub known: Vec<f32>,
}

/// Latent vectors with their artificial labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledLatents {
    /// `[batch, dim]`.
    pub vectors: Vec<f32>,
    /// The label of each.
    pub labels: Vec<usize>,
    /// The same, one-hot, `[batch, labels]`.
    pub one_hot_labels: Vec<f32>,
}

impl<'a> Draws<'a> {
    /// Draws for a task; `partition` is the partition of its latent space.
    pub fn new(task: &'a Task, partition: LatentPartition) -> Self {
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
            labelled: sees_labels.then(|| BatchSampler::new(labelled, config.seed, Purpose::LabelledBatches)),
            has_few_labels,
        }
    }

    /// The partition of the latent space.
    pub fn partition(&self) -> &LatentPartition {
        &self.partition
    }

    /// Number of artificial labels.
    pub fn label_count(&self) -> usize {
        self.partition.label_count()
    }

    /// Dimensions of a latent.
    pub fn latent_dim(&self) -> usize {
        self.partition.dim()
    }

    /// Whether labels are so few that the classifier uses shifts and pseudo-labels.
    pub fn has_few_labels(&self) -> bool {
        self.has_few_labels
    }

    /// Whether generated images are treated like real ones with manual labels, if there are any.
    pub fn matches_manual(&self) -> bool {
        let Config { mode, gate, .. } = &self.task.config;
        *mode == Mode::SelfLabel && gate.match_manual && self.task.manual.iter().any(Option::is_some)
    }

    /// The real images of discriminator update `number`, counted over the whole run.
    pub fn real(&self, number: u64) -> RealImages {
        let indices = self.real.batch(number, self.task.config.batch);
        let mut flips = stream(self.task.config.seed, Purpose::Flips, number);
        let flips = indices.iter().map(|_| self.task.config.images.flip && flips.chance(0.5)).collect();
        self.images(indices, flips)
    }

    /// The classifier's labelled images of a step, and the labels of their classes; none without labels.
    pub fn labelled(&self, step: u64) -> Option<RealImages> {
        let indices = self.labelled.as_ref()?.batch(step, self.task.config.classifier.labelled_batch);
        let flips = vec![false; indices.len()];
        Some(self.images(indices, flips))
    }

    /// The configuration.
    pub(super) fn config(&self) -> &Config {
        &self.task.config
    }

    /// Latents of discriminator update `number`, counted over the whole run. Their labels are as frequent as those of a
    /// `table` of real images, if the configuration says so.
    pub fn latents(&self, number: u64, table: Option<&LabelTable>) -> LabelledLatents {
        let mut draws = stream(self.task.config.seed, Purpose::Latents, number);
        let batch = self.task.config.batch;
        let latents = match table.filter(|_| self.task.config.label_table.histogram) {
            None => self.partition.draw(batch, &mut draws),
            Some(table) => {
                let labels = (0..batch).map(|_| table.draw(&mut draws)).collect();
                self.partition.draw_for(labels, &mut draws)
            }
        };
        let one_hot_labels = one_hot_rows(&latents.labels, self.label_count());
        LabelledLatents { vectors: latents.vectors, labels: latents.labels, one_hot_labels }
    }

    /// DiffAugment's changes of `batch` images, for a pass through the discriminator.
    pub fn augmentation(&self, batch: usize, pass: Pass) -> Vec<Change> {
        let AugmentConfig { color, translation, cutout } = self.task.config.augment;
        self.changes(Policy { color, translation, cutout }, batch, Purpose::Augment, pass)
    }

    /// Random shifts of `batch` images, for a pass through the classifier; none if labels are many.
    pub fn shifts(&self, batch: usize, pass: Pass) -> Vec<Change> {
        let only_shifts = Policy { color: false, translation: self.has_few_labels, cutout: false };
        self.changes(only_shifts, batch, Purpose::ClassifierShifts, pass)
    }

    /// Every change of DiffAugment for `batch` generated images, for a pass through the classifier.
    pub fn strong_changes(&self, batch: usize, pass: Pass) -> Vec<Change> {
        let all = Policy { color: true, translation: true, cutout: true };
        self.changes(all, batch, Purpose::ClassifierShifts, pass)
    }

    /// The stream that decides which features are dropped, in a pass through the classifier.
    pub fn dropout(&self, pass: Pass) -> Stream {
        stream(self.task.config.seed, Purpose::Dropout, pass.number())
    }

    /// `count` standard normal numbers, for the penalty of update `number`.
    pub fn noise(&self, count: usize, number: u64) -> Vec<f32> {
        stream(self.task.config.seed, Purpose::Penalty, number).normals(count)
    }

    fn images(&self, indices: Vec<u32>, flips: Vec<bool>) -> RealImages {
        let classes: Vec<Option<u16>> = indices.iter().map(|&index| self.task.manual[index as usize]).collect();
        let known = classes.iter().map(|class| if class.is_some() { 1.0 } else { 0.0 }).collect();
        RealImages { allowed: self.allowed(&classes), known, indices, flips }
    }

    fn allowed(&self, classes: &[Option<u16>]) -> Vec<f32> {
        let mut allowed = vec![1.0; classes.len() * self.label_count()];
        for (row, class) in allowed.chunks_exact_mut(self.label_count()).zip(classes) {
            if let (Some(class), Some(cells)) = (class, self.task.subject.cells) {
                row.fill(0.0);
                row[cells.labels_of(usize::from(*class))].fill(1.0);
            }
        }
        allowed
    }

    fn changes(&self, policy: Policy, batch: usize, purpose: Purpose, pass: Pass) -> Vec<Change> {
        let mut draws = stream(self.task.config.seed, purpose, pass.number());
        changes(policy, batch, self.task.data.train.images.shape.size, &mut draws)
    }
}
