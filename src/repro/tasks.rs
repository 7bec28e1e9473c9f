//! The tasks of the suite: a small part of the drawn digits, with no, few and all labels.

use std::sync::Arc;

use crate::config::{Config, LabelBudget, LabelSource};
use crate::data::{Dataset, glyphs};
use crate::train::task::Task;

/// The seed of every random number of the suite.
pub const SEED: u64 = 17;

/// Images to train on.
const IMAGES: u64 = 256;

/// A task with its name and purpose.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The name in reports.
    pub name: &'static str,
    /// What it trains.
    pub about: &'static str,
    labels: LabelBudget,
}

/// All tasks.
pub const PLANS: [Plan; 3] = [
    Plan {
        name: "no labels",
        about: "Self-labelling without a manual label; the classifier learns from generated images alone.",
        labels: LabelBudget::None,
    },
    Plan {
        name: "few labels",
        about: "A tenth of the images has labels; the classifier also learns from trusted pseudo-labels.",
        labels: LabelBudget::Fraction(0.1),
    },
    Plan {
        name: "all labels",
        about: "Every image has its label, so that the gate is always open for real images.",
        labels: LabelBudget::All,
    },
];

/// The data set of all tasks.
pub fn data() -> Arc<Dataset> {
    let held_out = glyphs::TRAIN_COUNT..glyphs::TRAIN_COUNT + 10;
    Arc::new(Dataset {
        name: "glyphs".into(),
        class_names: (0..glyphs::CLASSES).map(|class| class.to_string()).collect(),
        train: glyphs::split(0..IMAGES),
        test: glyphs::split(held_out),
        notes: Vec::new(),
    })
}

impl Plan {
    /// The task, of a number of steps. It uses every random number and every augmentation that training has, and labels
    /// reach the discriminator early.
    ///
    /// # Panics
    /// Never: configuration and data fit each other.
    pub fn task(&self, data: &Arc<Dataset>, steps: u64) -> Task {
        self.task_with(data, Config { steps, ..Config::default() })
    }

    /// The same task in strict arithmetic.
    ///
    /// # Panics
    /// Never, as [`Self::task`].
    pub fn strict_task(&self, data: &Arc<Dataset>, steps: u64) -> Task {
        self.task_with(data, Config { steps, strict: true, ..Config::default() })
    }

    fn task_with(&self, data: &Arc<Dataset>, config: Config) -> Task {
        let mut config = Config { seed: SEED, batch: 8, label_budget: self.labels, ..config };
        config.images.flip = true;
        // New labels at every step, because a suite's runs are too short for tables.
        config.label_table.source = LabelSource::None;
        // As in the first reports, which stay comparable.
        config.gate.match_manual = false;
        config.discriminator.kernel = 3;
        config.gate.warm_up = 1;
        config.gate.tau = 0.25;
        config.classifier.labelled_batch = 8;
        config.classifier.few_labels = 100;
        config.augment.color = true;
        config.augment.translation = true;
        config.augment.cutout = true;
        Task::new(config, Arc::clone(data)).expect("the digits have labels of all classes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_have_no_few_and_all_labels() {
        let data = data();
        let labels = PLANS.map(|plan| plan.task(&data, 2).manual.iter().flatten().count());
        assert_eq!(labels, [0, 26, 256]);
        for plan in PLANS {
            let config = plan.task(&data, 2).config;
            assert!(config.validate().is_ok(), "{}", plan.name);
            // The traced step makes one update of the discriminator.
            assert_eq!(config.discriminator.updates, 1);
        }
    }
}
