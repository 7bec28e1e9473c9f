//! Training a residual judge on all real labels.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::facts::JudgeFacts;
use super::residual_judge::{ResidualJudge, accuracy};
use crate::data::{Dataset, Split};
use crate::kernels::batch::assemble;
use crate::kernels::class::DeviceClass;
use crate::kernels::diff_augment::{Augmentation, Policy};
use crate::kernels::launch::Launch;
use crate::kernels::losses::cross_entropy_with;
use crate::labels::one_hot;
use crate::nn::{Initializer, ResidualClassifier, Statistics, parameters};
use crate::rng::{Purpose, stream};
use crate::train::batch_sampler::BatchSampler;
use crate::train::judge::JudgeError;
use crate::train::optimizer::{Optimizer, Rates};
use crate::train::task::fingerprint;

const BETAS: [f64; 2] = [0.9, 0.999];

/// Decoupled weight decay.
const WEIGHT_DECAY: f64 = 0.02;

/// Share of the steps in which the learning rate rises from 0; then it falls back to 0.
const RISE: f64 = 0.2;

/// How fast the judge that is kept follows the one that learns. It also averages the statistics of batches, which a
/// normalisation keeps from one batch only.
const DECAY: f64 = 0.99;

/// Steps from one report of the loss to the next. Reports alone read the device.
const REPORT_EVERY: u64 = 50;

/// How a judge is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// Steps; at least 1.
    pub steps: u64,
    /// Images per step; at least 2.
    pub batch: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Seed of weights, batches and changes.
    pub seed: u64,
}

impl Default for Recipe {
    /// Seven epochs of CIFAR-10.
    fn default() -> Self {
        Self { steps: 2_800, batch: 128, learning_rate: 3e-3, seed: 0 }
    }
}

impl Recipe {
    fn rates(&self, step: u64) -> Rates {
        let (done, rise) = ((step + 1) as f64 / (self.steps + 1) as f64, RISE);
        let factor = if done < rise { done / rise } else { (1.0 - done) / (1.0 - rise) };
        Rates { learning_rate: self.learning_rate * factor, weight_decay: WEIGHT_DECAY }
    }
}

/// Trains a judge on the labelled training images of a data set, on a device of a class, and measures it on the held-out
/// ones. `report` gets the number of steps done and the loss, now and then and at the end.
///
/// # Errors
/// If fewer than two classes have labels, no held-out image has one, the loss is not finite, or the device cannot be
/// read.
pub async fn train(
    data: &Dataset,
    recipe: &Recipe,
    (device, class): (&Device, DeviceClass),
    mut report: impl FnMut(u64, f32),
) -> Result<ResidualJudge, JudgeError> {
    let [train, held_out] = [&data.train, &data.test].map(labelled);
    let first = train.first().map(|&index| data.train.labels[index as usize]);
    let is_varied = train.iter().any(|&index| Some(data.train.labels[index as usize]) != first);
    if !is_varied || held_out.is_empty() {
        return Err(JudgeError::FewLabels { train: train.len(), held_out: held_out.len() });
    }
    let (image, classes) = (data.train.images.shape, data.class_names.len());
    let init = Initializer::new(recipe.seed, "residual judge", device).of_class(class);
    let mut pupil = Pupil {
        network: ResidualClassifier::new(image, classes, &init),
        average: ResidualClassifier::new(image, classes, &init),
        optimizer: Optimizer::new(BETAS, Launch::default()),
    };
    let sampler = BatchSampler::new(train, recipe.seed, Purpose::Judge);
    let draws = Draws { data, sampler, recipe: *recipe, launch: Launch::of(class), mirrors: mirrors(&data.name) };
    for step in 0..recipe.steps {
        let loss = pupil.step(&draws, step, device);
        if (step + 1).is_multiple_of(REPORT_EVERY) || step + 1 == recipe.steps {
            let data = loss.into_data_async().await?;
            let loss = data.iter::<f32>().next().expect("a loss is one number");
            if !loss.is_finite() {
                return Err(JudgeError::Diverged { step: step + 1, loss });
            }
            report(step + 1, loss);
        }
    }
    let network = pupil.average;
    let measured = accuracy(&network, &data.test, classes, device).await?;
    let facts = JudgeFacts {
        data: data.name.clone(),
        fingerprint: fingerprint(data),
        image,
        class_names: data.class_names.clone(),
        accuracy: measured.expect("a held-out image has a label"),
        held_out: held_out.len(),
        steps: recipe.steps,
        batch: recipe.batch,
        learning_rate: recipe.learning_rate,
        seed: recipe.seed,
    };
    Ok(ResidualJudge { network, facts })
}

/// What learns, and the judge that follows it.
struct Pupil {
    network: ResidualClassifier,
    average: ResidualClassifier,
    optimizer: Optimizer,
}

/// What batches are made from.
struct Draws<'a> {
    data: &'a Dataset,
    sampler: BatchSampler,
    recipe: Recipe,
    launch: Launch,
    mirrors: bool,
}

impl Draws<'_> {
    /// The images of a step, flipped and shifted, and their classes as one-hot rows.
    fn batch(&self, step: u64, device: &Device) -> (Tensor<4>, Tensor<2>) {
        let Split { images, labels, .. } = &self.data.train;
        let indices = self.sampler.batch(step, self.recipe.batch);
        let label = |&index: &u32| usize::from(labels[index as usize].expect("only labelled images are drawn"));
        let targets: Vec<usize> = indices.iter().map(label).collect();
        let mut draws = stream(self.recipe.seed, Purpose::JudgeChanges, step);
        let flips: Vec<bool> = indices.iter().map(|_| self.mirrors && draws.chance(0.5)).collect();
        let shifts = Policy { color: false, translation: true, cutout: false };
        let shifts = Augmentation::draw(shifts, indices.len(), images.shape.size, &mut draws, device);
        let pixels = shifts.apply_with(assemble(images, &indices, &flips, device), self.launch);
        (pixels, one_hot(&targets, self.data.class_names.len(), device))
    }
}

impl Pupil {
    /// One update; returns the loss `[1]`, on a plain device.
    fn step(&mut self, draws: &Draws, step: u64, device: &Device) -> Tensor<1> {
        let (images, targets) = draws.batch(step, device);
        let mut tracked = self.network.clone().train();
        let logits = tracked.forward(images.autodiff(), Statistics::Batch).logits;
        let loss = cross_entropy_with(logits, targets.autodiff(), draws.launch);
        let gradients = parameters::gradients(&tracked, &mut loss.backward());
        // The average follows the statistics of this batch too.
        let network = parameters::with_values(self.network.clone(), &mut tracked.statistics());
        let average = Some((self.average.clone(), DECAY));
        let (network, average) = self.optimizer.apply(network, gradients, draws.recipe.rates(step), average, None);
        self.network = network;
        self.average = average.expect("there was one");
        loss.without_autodiff()
    }
}

/// The indices of the images that have a label.
fn labelled(split: &Split) -> Vec<u32> {
    (0..split.len() as u32).filter(|&index| split.labels[index as usize].is_some()).collect()
}

/// Whether mirrored images of a data set keep their class. Nobody knows that of a folder, and of digits they do not.
fn mirrors(data: &str) -> bool {
    ["cifar10", "stl10", "fashion-mnist"].contains(&data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls_to_nearly_nothing() {
        let recipe = Recipe { steps: 99, ..Recipe::default() };
        let rates: Vec<f64> = (0..99).map(|step| recipe.rates(step).learning_rate / recipe.learning_rate).collect();
        let highest = rates.iter().copied().fold(0.0, f64::max);
        assert!((highest - 1.0).abs() < 1e-9 && (rates[19] - highest).abs() < 1e-9, "{rates:?}");
        assert!(rates[..20].is_sorted() && rates[19..].is_sorted_by(|a, b| a > b));
        assert!(rates[0] < 0.06 && rates[98] < 0.02 && rates[98] > 0.0);
    }
}
