//! Scores. A score that was not asked for, or has no meaning for the images at hand, is none.

use serde::{Deserialize, Serialize};

use super::labels::LabelScores;
use crate::metrics::Spread;

/// The scores of generated images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The squared Frechet distance to the real images. It is a FID only with Inception's features.
    pub frechet_distance: Option<f64>,
    /// The kernel distance to the real images, over subsets.
    pub kernel_distance: Option<Spread>,
    /// The Inception score, by the classes of the extractor.
    pub inception_score: Option<Spread>,
    /// Share of generated images near real ones, from 0 to 1.
    pub precision: Option<f64>,
    /// Share of real images near generated ones, from 0 to 1.
    pub recall: Option<f64>,
    /// How many real images are near a generated one, as a multiple of what is usual among real ones.
    pub density: Option<f64>,
    /// Share of real images with a generated one near them, from 0 to 1.
    pub coverage: Option<f64>,
    /// The same by class; empty if either side has no labels.
    pub classes: Vec<ClassScores>,
    /// How good the labels of the generated images are.
    pub labels: Option<LabelScores>,
    /// What a reader of these scores should know.
    pub warnings: Vec<String>,
}

/// The scores of a class. At most the first 1,000 images of each side count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The name of the class.
    pub class: String,
    /// How many real images are compared.
    pub real: usize,
    /// How many generated images are compared.
    pub generated: usize,
    /// The squared Frechet distance. With fewer images than features, compare it only with that of the same class in
    /// other sets of equally many images.
    pub frechet_distance: Option<f64>,
    /// The kernel distance over all of these images, which few images do not make too large.
    pub kernel_distance: Option<f64>,
    /// As of all images.
    pub precision: Option<f64>,
    /// As of all images.
    pub recall: Option<f64>,
    /// As of all images.
    pub density: Option<f64>,
    /// As of all images.
    pub coverage: Option<f64>,
}
