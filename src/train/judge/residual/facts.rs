//! What a residual judge says of itself.

use serde::{Deserialize, Serialize};

use crate::config::IMAGE_SIZES;
use crate::data::{ImageShape, MAX_CLASSES};

/// What a judge was trained on, how, and how good it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeFacts {
    /// Name of the data set.
    pub data: String,
    /// The first digits of a SHA-256 of all its images and labels.
    pub fingerprint: String,
    /// Shape of its images.
    pub image: ImageShape,
    /// Names of its classes.
    pub class_names: Vec<String>,
    /// The share of held-out images whose class it knows, from 0 to 1.
    pub accuracy: f64,
    /// How many held-out images that is measured on.
    pub held_out: usize,
    /// Steps of training.
    pub steps: u64,
    /// Images per step.
    pub batch: usize,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// The seed.
    pub seed: u64,
}

/// No judge has such facts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its facts are impossible: expected {expected}, found {found}")]
pub struct ImpossibleFacts {
    expected: String,
    found: String,
}

impl JudgeFacts {
    /// A network is made from these facts, so they must be possible.
    pub(super) fn check(&self) -> Result<(), ImpossibleFacts> {
        let ImageShape { channels, size } = self.image;
        let classes = self.class_names.len();
        if IMAGE_SIZES.contains(&size) && [1, 3].contains(&channels) && (2..=MAX_CLASSES).contains(&classes) {
            return Ok(());
        }
        let expected = format!("1 or 3 channels of {IMAGE_SIZES:?} pixels, and 2 to {MAX_CLASSES} classes");
        Err(ImpossibleFacts { expected, found: format!("{} pixels and {classes} classes", self.image) })
    }
}
