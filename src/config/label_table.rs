//! The label table: labels that the discriminator sees until the next table, instead of new ones at every step.

use serde::{Deserialize, Serialize};

/// A table with a label and a gate for every real image, which `self-label` shows the discriminator from step
/// `gate.warm_up` on. Without a source, the teacher labels each batch anew.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelTableConfig {
    /// Where the labels come from.
    pub source: LabelSource,
    /// The file of the source `file`: a table as `slgan label` writes it, or the folder of a run, whose teacher labels
    /// the images. `{seed}` stands for the seed.
    pub file: String,
    /// Steps after which the teacher labels all real images again, whatever made the first table; 0 keeps that.
    pub refresh: u64,
    /// Hide labels below `gate.tau`, and as many of each label on generated images. Otherwise all labels count.
    pub gated: bool,
    /// Steps over which the weight of the labels in the discriminator grows from 0 to 1.
    pub ramp: u64,
    /// Draw the labels of generated images as often as real images have them. Otherwise they are uniform.
    pub histogram: bool,
    /// Show the discriminator what the teacher would take generated images for: a random label, as probable as the
    /// teacher gives it to images of the same latent label. It is estimated when the teacher makes a table.
    pub confusion: bool,
    /// Share of the table's labels that are replaced by a random other one; manual labels stay.
    pub flipped: f64,
    /// Probability that the discriminator sees a random other label of a generated image.
    pub generated_flipped: f64,
}

/// Where the labels of the table come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelSource {
    /// There is no table.
    #[default]
    None,
    /// The teacher labels all real images at step `gate.warm_up`, and again every `refresh` steps.
    Teacher,
    /// The true classes, whatever the label budget: an experiment, not a method.
    Truth,
    /// Groups of similar pixels (k-means).
    Pixels,
    /// A file, or the teacher of another run.
    File,
}

impl LabelSource {
    /// Whether there is a table.
    pub fn is_table(self) -> bool {
        self != Self::None
    }
}
