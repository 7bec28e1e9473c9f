//! The configuration of a run: one set of structs serves as defaults, TOML file and command line.
//!
//! [`Config::from_layers`] lays tables over the defaults of a preset, so files and flags accept the same keys and
//! report mistakes in the same words. Schedules are in absolute steps, so that a longer run passes through the same
//! states as a shorter one. This module sees files as text; shells read and write them.

use serde::{Deserialize, Serialize};

mod added;
mod error;
mod keys;
mod label_budget;
mod label_table;
mod overlay;
mod presets;
mod reader;
mod renamed;
mod validate;

pub use error::ConfigError;
pub use keys::{KeyDefault, entries, keys, live_differences, resume_differences};
pub use label_budget::LabelBudget;
pub use label_table::{LabelSource, LabelTableConfig};
pub use overlay::{Layer, parse_file, parse_setting};
pub use renamed::RenamedKey;
pub use validate::{IMAGE_SIZES, MAX_LABELS};

/// Everything that decides what a run computes and how often it reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The data set, as `slgan train --data` takes it.
    pub data: String,
    /// Sizes of the networks, and optimiser settings that suit them.
    pub preset: Preset,
    /// What the labels are used for.
    pub mode: Mode,
    /// How many of the manual labels the run uses.
    #[serde(rename = "labels")]
    pub label_budget: LabelBudget,
    /// The seed of every random number of the run.
    pub seed: u64,
    /// Training steps, counted in generator updates.
    pub steps: u64,
    /// Real images per step, and as many generated images.
    pub batch: usize,
    /// Parts that a batch is cut into. Each has its own gradients and batch statistics, which are summed in a fixed
    /// order. One process computes its parts one after the other, and several processes share them. The number of
    /// parts decides the numbers of a run; the number of processes does not. `accumulate` is another name for it. It
    /// divides `batch` and `classifier.labelled_batch`. A run whose configuration does not name it has one.
    #[serde(default = "shards_of_older_versions")]
    pub shards: usize,
    /// Where to compute: `auto`, `cpu`, `gpu` or `gpu:N`.
    pub device: String,
    /// Which kernels compute: those that suit the device's class (`auto`), or another one.
    #[serde(default)]
    pub device_class: DeviceClass,
    /// Compute the same bits on every device, in an arithmetic that leaves nothing open; slower, and not with a
    /// `device_class` or a penalty (`discriminator.r1_weight`).
    #[serde(default)]
    pub strict: bool,
    /// How the pictures of a folder are read.
    pub images: ImageConfig,
    /// The latent space and its partition into artificial labels.
    pub latent: LatentConfig,
    /// The generator.
    pub generator: GeneratorConfig,
    /// The discriminator.
    pub discriminator: DiscriminatorConfig,
    /// The classifier and its teacher.
    pub classifier: ClassifierConfig,
    /// The confidence gate.
    pub gate: GateConfig,
    /// Labels that the discriminator sees until the next table.
    #[serde(default)]
    pub label_table: LabelTableConfig,
    /// DiffAugment.
    pub augment: AugmentConfig,
    /// How often a run reports and saves.
    pub report: ReportConfig,
}

impl Config {
    /// The source of the label table; none in modes without pseudo-labels.
    pub fn label_source(&self) -> LabelSource {
        if self.mode == Mode::SelfLabel { self.label_table.source } else { LabelSource::None }
    }

    /// The step from which labels that are not manual reach the discriminator: the end of the warm-up, or the first one if
    /// a label table begins with labels that need no teacher.
    pub fn labels_from(&self) -> u64 {
        if self.label_source().needs_teacher() { self.gate.warm_up } else { 0 }
    }

    /// Whether the run finds all its labels itself, in a form that label tables have. The budget must be that of the
    /// data, and not `auto`.
    pub fn finds_all_labels(&self) -> bool {
        let is_hard = self.gate.pseudo_label == PseudoLabel::Hard;
        self.mode == Mode::SelfLabel && self.label_budget == LabelBudget::None && is_hard
    }
}

fn shards_of_older_versions() -> usize {
    1
}

/// Which kernels suit a device. Their results differ in the last bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// Those of the device's class.
    #[default]
    Auto,
    /// Those for CPUs that emulate a GPU.
    Software,
    /// Those for GPUs that share the memory of their CPU.
    Integrated,
    /// Those for GPUs with memory of their own.
    Discrete,
    /// The same, but large convolutions are Winograd's.
    DiscreteWinograd,
}

/// Sizes of the networks, and optimiser settings that suit them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// About 0.2 million parameters in all: minutes on a CPU, and live in a browser.
    Tiny,
    /// About 2 million parameters: 15 minutes on a small GPU.
    Small,
    /// The residual networks of SNGAN (Miyato et al. 2018, appendix B.4) at 32 pixels: for a powerful GPU.
    Cifar,
}

/// What the labels are used for. Everything else is the same in all modes, so a comparison changes one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The scheme: manual labels and pseudo-labels that pass the gate reach the discriminator.
    SelfLabel,
    /// No label reaches the discriminator. With `classifier.generator_weight` above 0, this is the control run.
    Unconditional,
    /// Labelled images only, with their manual labels.
    ClassConditional,
}

/// How the pictures of a folder are read. Named data sets have a fixed size and number of channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// Side length of the resized pictures: 28, 32, 48, 64 or 96 pixels.
    pub size: usize,
    /// 1 (grey) or 3 (colour).
    pub channels: usize,
    /// Skip and count pictures that cannot be decoded, instead of failing at the first.
    pub skip_bad: bool,
    /// Flip half of the real images from left to right. Wrong for digits and letters.
    pub flip: bool,
}

/// The latent space and its partition into artificial labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentConfig {
    /// Dimensions of a latent vector; at least `artificial_labels`, and one more if `orthogonal`. A data set with many
    /// classes raises it.
    pub dim: usize,
    /// How the position of a latent vector defines its label.
    pub partition: Partition,
    /// Number of artificial labels `K`; 0 means one per class (at most 255 without manual labels), or 10 with fewer
    /// than two classes.
    pub artificial_labels: usize,
    /// Distance of the centres from the origin, in standard deviations of the noise; unused in `voronoi`.
    pub radius: f64,
}

impl LatentConfig {
    /// The most artificial labels that its dimensions have room for. Orthogonal noise needs one of them.
    pub fn most_labels(&self) -> usize {
        self.dim - usize::from(self.partition == Partition::Orthogonal)
    }
}

/// How the position of a latent vector defines its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Partition {
    /// `z ~ N(0, I)`; the label is the anchor with the largest inner product.
    Voronoi,
    /// The label is uniform; `z = radius * anchor + noise`. Cells overlap at a small radius, such as below 3.
    Mixture,
    /// The label is uniform; `z = radius * anchor + noise`, with noise orthogonal to all anchors. Cells never overlap.
    Orthogonal,
}

/// The generator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorConfig {
    /// Learning rate of Adam.
    pub learning_rate: f64,
    /// Show the generator the artificial label (conditional batch normalisation). Otherwise it sees only the latent.
    pub conditional: bool,
    /// How the skips of its blocks are enlarged.
    #[serde(default)]
    pub enlargement: Enlargement,
    /// Decay of the weights' moving average, per step.
    pub average_decay: f64,
    /// Step after which the learning rates of generator and discriminator fall.
    pub decay_from: u64,
    /// Step at which they reach 0; 0 keeps them constant.
    pub decay_until: u64,
}

/// How the skip of a generator's block is enlarged to twice its size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enlargement {
    /// Each pixel becomes a 2x2 square. A run whose configuration does not name an enlargement was made with this one.
    #[default]
    Nearest,
    /// Bilinear interpolation.
    Bilinear,
}

/// The discriminator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorConfig {
    /// Learning rate of Adam.
    pub learning_rate: f64,
    /// Discriminator updates per step (n_dis).
    pub updates: usize,
    /// Side of its convolutions, 3 or 4, where they have stride 2 (presets `tiny` and `small`). With 4, each pixel is
    /// part of equally many products, and a step takes longer.
    #[serde(default = "kernel_of_older_versions")]
    pub kernel: usize,
    /// Weight of the approximate R1 penalty; 0 leaves it out.
    pub r1_weight: f64,
    /// Standard deviation of the penalty's perturbation of images; pixels range from -1 to 1.
    pub r1_sigma: f64,
}

fn kernel_of_older_versions() -> usize {
    3
}

/// The classifier and its teacher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierConfig {
    /// Learning rate of Adam.
    pub learning_rate: f64,
    /// Decoupled weight decay of Adam, in units of the learning rate; 0 leaves it out.
    #[serde(default)]
    pub weight_decay: f64,
    /// Probability of dropping a feature.
    pub dropout: f64,
    /// Weight lambda of the classifier's loss on generated images in the generator's loss.
    pub generator_weight: f64,
    /// Step after which lambda falls.
    #[serde(default)]
    pub generator_weight_from: u64,
    /// Step at which lambda reaches 0; 0 keeps it constant.
    #[serde(default)]
    pub generator_weight_until: u64,
    /// Weight of the loss on generated images in the classifier's own loss.
    pub generated_weight: f64,
    /// Change generated images at random (colour, shifts, cutout) before the classifier learns from them.
    #[serde(default)]
    pub augment_generated: bool,
    /// Weight of a loss on all real images in the classifier's own loss: the negative mutual information of images and
    /// labels. It keeps labels apart and balanced, and needs no label. It allows neither shards nor strict arithmetic.
    #[serde(default)]
    pub information_weight: f64,
    /// Weight of the loss on real images with trusted pseudo-labels in the classifier's own loss. It applies only with
    /// 1 to `few_labels` labelled images.
    pub self_weight: f64,
    /// Labelled real images per step; 0 shows the classifier none.
    pub labelled_batch: usize,
    /// With at most this many labelled images, the classifier also learns from trusted pseudo-labels, and sees real
    /// images shifted at random by up to an eighth of the side. Both help with few labels, and cost accuracy with many.
    pub few_labels: usize,
    /// Decay of the teacher's moving average, per step; it ramps up to this value.
    pub teacher_decay: f64,
    /// Subtract the log of the running mean of the teacher's probabilities, so that labels stay balanced.
    pub prior_correction: bool,
    /// Decay of that running mean, per step.
    pub prior_decay: f64,
}

/// The confidence gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateConfig {
    /// An image passes the gate if the teacher's highest probability is at least this.
    pub tau: f64,
    /// What happens to images that do not pass.
    pub unlabeled: Unlabeled,
    /// The form of a pseudo-label: the most probable label, or the probabilities of all labels.
    #[serde(alias = "labels")]
    pub pseudo_label: PseudoLabel,
    /// Treat a generated image as if its label were manual where the real image at its place in the batch has a manual
    /// label. So both sides have as many labels that count without a look, and these need no warm-up.
    #[serde(default)]
    pub match_manual: bool,
    /// Steps before the first label of the teacher reaches the discriminator. A label table that begins with others begins
    /// with the first step.
    pub warm_up: u64,
}

/// What happens to images that do not pass the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unlabeled {
    /// They enter the discriminator without a label.
    Unconditional,
    /// The discriminator's loss leaves them out.
    Drop,
}

/// The form of a pseudo-label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PseudoLabel {
    /// The most probable label.
    Hard,
    /// The probabilities of all labels.
    Soft,
}

/// DiffAugment (Zhao et al. 2020): random changes of real and generated images, before the discriminator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Random brightness, saturation and contrast.
    pub color: bool,
    /// Random shifts of up to an eighth of the side.
    pub translation: bool,
    /// Grey squares of half the side, at random places.
    pub cutout: bool,
}

/// How often a run reports and saves, in steps; 0 means never. Nothing here changes the state of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportConfig {
    /// Steps between two `step` events, and between two reads of the device.
    pub log_every: u64,
    /// Steps between two sample grids.
    pub sample_every: u64,
    /// Steps between two evaluations on held-out images.
    pub evaluate_every: u64,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// How many checkpoints to keep; 0 keeps all.
    pub keep: usize,
    /// Train a judge on all real labels if none is cached. It only watches the run.
    pub judge: bool,
}
