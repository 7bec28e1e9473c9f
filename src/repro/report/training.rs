//! The layer of training: small runs, step by step.

use serde::{Deserialize, Serialize};

use super::number::Number;

/// One small run, made twice, with what rounding can do to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRun {
    /// Its name: `no labels`, `few labels` or `all labels`.
    pub name: String,
    /// What it trains, in a sentence.
    pub about: String,
    /// SHA-256 of the resolved configuration, without keys that came after the first reports and have their defaults.
    pub config_sha256: String,
    /// The first digits of a SHA-256 of the data set.
    pub data: String,
    /// Confidence at which an image passes the gate.
    pub tau: f64,
    /// What the first of the two runs computed.
    pub course: Course,
    /// How the second run on the same device compares with the first.
    pub repeat: Repeat,
    /// How rounding differences grow in this run.
    pub growth: Growth,
}

/// What a run computed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// The figures of every step, from step 1 on.
    pub steps: Vec<StepRecord>,
    /// Digests of every tensor at some steps.
    pub digests: Vec<StepDigests>,
    /// Images of the averaged generator after the last step.
    pub images: FinalImages,
}

/// The figures of one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// Steps done, this one included.
    pub step: u64,
    /// The losses.
    pub losses: Losses,
    /// What was decided about each real image of the batch, in its order.
    pub decisions: Vec<DecisionRecord>,
}

/// The losses of a step, in the order of its phases. None if there is no such loss.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// The discriminator's loss.
    pub discriminator: Option<Number>,
    /// The classifier's loss.
    pub classifier: Option<Number>,
    /// The generator's loss.
    pub generator: Option<Number>,
}

/// What the teacher decided about a real image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// The image's position in the training set.
    pub image: u32,
    /// The most probable artificial label.
    pub label: u32,
    /// Whether its probability reaches `tau`.
    pub passes: bool,
    /// Its probability.
    pub confidence: Number,
    /// How far its probability is above the second highest. A label may differ between correct runs only if this is
    /// within twice the tolerance of confidences; a passed gate, only if `confidence` is that close to `tau`.
    pub margin: Number,
}

/// Digests of every tensor after (or within) one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDigests {
    /// Steps done, this one included.
    pub step: u64,
    /// In the order of computation.
    pub phases: Vec<PhaseDigests>,
}

/// A part of a step, in the order of computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Images and labels, from the state before the step.
    Inputs,
    /// The discriminator's update.
    Discriminator,
    /// The classifier's update, and the teacher that follows it.
    Classifier,
    /// The generator's update, and the average that follows it.
    Generator,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; 4] = [Self::Inputs, Self::Discriminator, Self::Classifier, Self::Generator];

    /// The phase in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inputs => "inputs",
            Self::Discriminator => "discriminator",
            Self::Classifier => "classifier",
            Self::Generator => "generator",
        }
    }
}

/// The tensors of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseDigests {
    /// The phase.
    pub phase: Phase,
    /// In the order of computation, such as `gradients` before `weights`.
    pub groups: Vec<GroupDigests>,
}

/// Tensors of one kind. Distances and tolerances are about whole groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDigests {
    /// What they are: `images`, `labels`, `gradients`, `weights`, `first moments`, `second moments`, `average`.
    pub group: String,
    /// The tensors, sorted by name.
    pub tensors: Vec<TensorDigest>,
}

/// A tensor in a few numbers, each computed on the host in float64 in the order of the elements. They are null if the
/// tensor has a number that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorDigest {
    /// Its name in its group, such as `blocks.0.conv.weight`.
    pub name: String,
    /// How many numbers it has.
    pub count: u64,
    /// SHA-256 of their bits as little-endian float32, with one NaN for all.
    pub sha256: String,
    /// Root of the sum of squares.
    pub norm: Option<f64>,
    /// Sum.
    pub sum: Option<f64>,
    /// Sums with fixed random signs. The mean square of the differences of two tensors' projections estimates the
    /// squared distance of the tensors, because the signs are independent.
    pub projections: Vec<Option<f64>>,
}

/// Images of the averaged generator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinalImages {
    /// Images per row; the rows are artificial labels.
    pub columns: usize,
    /// SHA-256 of the pixels, image by image, as bytes `[channel][row][column]`.
    pub sha256: String,
    /// The images side by side, as a PNG in base64.
    pub png: String,
}

/// How a second run on the same device compares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Whether it was the same, bit for bit.
    pub identical: bool,
    /// Where it was first different; none if it was the same.
    pub parting: Option<Parting>,
}

/// The first place where two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parting {
    /// The step, counted from 1.
    pub step: u64,
    /// The phase; none if only the final images differ.
    pub phase: Option<Phase>,
    /// What differs: `loss`, `decision of image 3`, `gradients blocks.0.conv.weight`, `images`.
    pub item: String,
}

/// How rounding differences grow. `docs/reproducibility.md` derives the tolerances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// How they were measured, in a sentence.
    pub method: String,
    /// Runs on the CPU whose results were perturbed.
    pub members: usize,
    /// Size of a perturbation, as a fraction of a tensor's largest number.
    pub noise: f64,
    /// One entry per step.
    pub steps: Vec<GrowthStep>,
    /// Largest difference of a pixel of the final images, in levels from 0 to 255.
    pub pixels: Distance,
}

/// The distances at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthStep {
    /// Steps done, this one included.
    pub step: u64,
    /// Largest absolute difference of a loss.
    pub losses: Distance,
    /// Largest absolute difference of a confidence.
    pub confidences: Distance,
    /// Distances of the groups, relative to the group's norm; empty at steps without digests.
    pub groups: Vec<GroupDistance>,
}

/// The distance of a group of tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupDistance {
    /// The phase of the group.
    pub phase: Phase,
    /// The group.
    pub group: String,
    /// Norm of the difference, divided by the norm on the CPU.
    pub distance: Distance,
}

/// Distances from the unperturbed run on the CPU. A distance is null if a number is not finite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distance {
    /// Mean over the perturbed runs.
    pub mean: Option<f64>,
    /// Largest of the perturbed runs.
    pub max: Option<f64>,
    /// Of this report's device.
    pub device: Option<f64>,
    /// The largest distance between two correct runs.
    pub tolerance: Option<f64>,
}
