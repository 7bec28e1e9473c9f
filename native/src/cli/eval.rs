//! The flags of `slgan eval`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use slgan::eval::Metric;
use slgan::eval::inception::Resize;

use super::checkpoint::CheckpointChoice;
use super::split::Split;

/// Arguments of `eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// What to measure: a run folder, a folder or zip of pictures, or a NumPy archive (.npz) with images in arr_0 and,
    /// if they have labels, these in arr_1.
    #[arg(value_name = "RUN|FOLDER|FILE.npz|FILE.zip")]
    pub subject: PathBuf,
    /// Real images to compare with, as for `slgan train --data`.
    #[arg(long, value_name = "SPEC", required_unless_present = "statistics")]
    pub data: Option<String>,
    /// Part of the real images.
    #[arg(long, value_enum, default_value = "test")]
    pub split: Split,
    /// Metrics, separated by commas: fid (Frechet distance), kid (kernel distance), is (Inception score), prdc
    /// (precision, recall, density, coverage) and labels (how good labels are).
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "fid,kid,is,prdc,labels",
        value_parser = |text: &str| text.parse::<Metric>())]
    pub metrics: Vec<Metric>,
    /// Judge whose features are compared, from `slgan judge train`.
    #[arg(long, value_name = "FILE.safetensors", required_unless_present = "inception", conflicts_with = "inception")]
    pub judge: Option<PathBuf>,
    /// Weights of Inception-v3, whose features are compared instead: TensorFlow's in PyTorch's form, such as
    /// pt_inception-2015-12-05-6726825d.pth.
    #[arg(long, value_name = "FILE.pth|FILE.safetensors")]
    pub inception: Option<PathBuf>,
    /// How images become Inception's inputs: pytorch (as pytorch-fid) or tensorflow (as the original code and
    /// torch-fidelity).
    #[arg(long, value_name = "NAME", default_value = "pytorch", requires = "inception",
        value_parser = |text: &str| text.parse::<Resize>())]
    pub resize: Resize,
    /// Side of the images that a folder of real pictures becomes for Inception; other sets, and a judge, have their own.
    #[arg(long, value_name = "PIXELS", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub size: u16,
    /// Checkpoint of a run: last, best or a step.
    #[arg(long, value_name = "last|best|STEP", default_value = "last")]
    pub checkpoint: CheckpointChoice,
    /// Images that a run generates [default: as many as the real ones].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(2..=1_000_000))]
    pub count: Option<usize>,
    /// Random number that decides a run's images, and every choice among images.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The labels' numbers are not those of the classes, as after training without manual labels.
    #[arg(long)]
    pub arbitrary_labels: bool,
    /// Compare with these statistics of real images (mu and sigma in a NumPy archive) instead of images; for fid and is.
    #[arg(long, value_name = "FILE.npz", conflicts_with = "data")]
    pub statistics: Option<PathBuf>,
    /// Write the statistics of the real images (mu and sigma), which other programs read too.
    #[arg(long, value_name = "FILE.npz", conflicts_with = "statistics")]
    pub save_statistics: Option<PathBuf>,
    /// File for scores and protocol [default: eval.json, eval-2.json .. in the run folder, or here].
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Print the file instead of a table; without --out, write no file.
    #[arg(long)]
    pub json: bool,
    /// Skip and count pictures that cannot be decoded, instead of failing at the first.
    #[arg(long)]
    pub skip_bad: bool,
}
