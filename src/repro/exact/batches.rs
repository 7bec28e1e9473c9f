//! What a step draws: the order of images, flips, augmentation, shifts and dropout.

use std::sync::Arc;

use super::item::{of_integers, of_numbers};
use crate::data::Dataset;
use crate::kernels::batch::pixels;
use crate::kernels::diff_augment::{Change, Policy, changes};
use crate::kernels::dropout::Share;
use crate::labels::LatentPartition;
use crate::repro::report::ExactItem;
use crate::repro::tasks::{PLANS, SEED};
use crate::rng::{Purpose, stream};
use crate::train::streams::Pass;
use crate::train::{Draws, RealImages};

/// Batches: more than an epoch of the suite's images.
const BATCHES: u64 = 40;

/// Images of a drawn augmentation, and their size.
const AUGMENTED: [usize; 2] = [64, 32];

/// Factors that are drawn for dropout, for 16 images of 256 features.
const DROPPED: usize = 16 * 256;

pub fn items(data: &Arc<Dataset>) -> Vec<ExactItem> {
    let task = PLANS[1].task(data, 1);
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let draws = Draws::new(&task, partition);
    let images = &task.data.train.images;
    let pixels_of = |RealImages { indices, flips, .. }: &RealImages| pixels(images, indices, flips);
    let real: Vec<RealImages> = (0..BATCHES).map(|number| draws.real(number)).collect();
    let order = real.iter().flat_map(|batch| &batch.indices).map(|&index| i64::from(index));
    let labelled: Vec<RealImages> = (0..4).filter_map(|step| draws.labelled(step)).collect();
    let labelled = labelled.iter().flat_map(|batch| [pixels_of(batch), batch.allowed.clone()].concat());
    let share = Share { dropped: task.config.classifier.dropout as f32 };
    let noise = draws.noise(task.config.batch * images.shape.bytes(), 5);
    vec![
        of_integers("batch order", "Which images make up each batch, over more than one epoch.", order),
        of_numbers(
            "batches with flips",
            "The first batches as numbers from -1 to 1, half of them mirrored.",
            real[..4].iter().flat_map(pixels_of),
        ),
        of_numbers(
            "labelled batches",
            "Labelled images of the classifier, with the labels of their classes.",
            labelled,
        ),
        of_numbers("augmentation parameters", "The parameters of DiffAugment for each policy.", augmentations()),
        of_numbers(
            "dropout",
            "Factors that drop features.",
            share.draw(&mut draws.dropout(Pass::ClassifierLabelled { step: 3 }), DROPPED),
        ),
        of_numbers("penalty noise", "Normal noise for the gradient penalty.", noise),
    ]
}

/// The drawn parameters with every combination of changes.
fn augmentations() -> Vec<f32> {
    let policies =
        (0..8).map(|number| Policy { color: number & 1 != 0, translation: number & 2 != 0, cutout: number & 4 != 0 });
    let drawn = policies.enumerate().flat_map(|(step, policy)| {
        let [batch, size] = AUGMENTED;
        changes(policy, batch, size, &mut stream(SEED, Purpose::Augment, step as u64))
    });
    drawn.flat_map(|change| numbers(&change)).collect()
}

fn numbers(change: &Change) -> [f32; 8] {
    let Change { brightness, saturation, contrast, down, right, top, left, side } = *change;
    let [down, right, top, left, side] = [down, right, top, left, side].map(|place| place as f32);
    [brightness, saturation, contrast, down, right, top, left, side]
}
