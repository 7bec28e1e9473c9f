//! The label table: labels that the discriminator sees until the next table, instead of new ones at every step.

use serde::{Deserialize, Serialize};

/// A table with a label and a gate for every real image, which `self-label` shows the discriminator. Without a source,
/// the teacher labels each batch anew. The defaults of its type are those of runs that do not name it, and not those of
/// the presets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelTableConfig {
    /// Where the labels come from.
    pub source: LabelSource,
    /// The file of the source `file`: a table as `slgan label` writes it, or the folder of a run, whose teacher labels
    /// the images. `{seed}` stands for the seed.
    pub file: String,
    /// Steps after which the teacher labels all real images again, whatever made the first table; 0 keeps that, but means
    /// 1,400 with the source `auto`.
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
    /// Without any manual label, `pixels` with `refresh`, `gated` and `histogram`; otherwise `none`. A run's own
    /// configuration says which.
    Auto,
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
        !matches!(self, Self::None | Self::Auto)
    }

    /// Whether the first labels are the run's own teacher's.
    pub fn needs_teacher(self) -> bool {
        !matches!(self, Self::Truth | Self::Pixels | Self::File)
    }
}

/// Steps between two tables with the source `auto`: a third of a short run.
const REFRESH: u64 = 1_400;

impl LabelTableConfig {
    /// The same with a source instead of `auto`, for a run that finds all its labels
    /// ([`finds_all_labels`](super::Config::finds_all_labels)), or another one.
    ///
    /// Labels that begin as groups of pixels and go on as the teacher's, behind the gate, are as good as true ones on
    /// Fashion-MNIST (docs/results.md). With manual labels the teacher is good at once, and needs no table.
    #[must_use]
    pub fn resolved(self, finds_all_labels: bool) -> Self {
        match self.source {
            LabelSource::Auto if finds_all_labels => Self {
                source: LabelSource::Pixels,
                refresh: if self.refresh == 0 { REFRESH } else { self.refresh },
                gated: true,
                histogram: true,
                ..self
            },
            LabelSource::Auto => Self { source: LabelSource::None, refresh: 0, ..self },
            _ => self,
        }
    }
}
