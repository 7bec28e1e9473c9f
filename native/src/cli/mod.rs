//! The command line: what can be typed, and its help.
//!
//! Nothing is done here. Where a flag stands for a key of the configuration its value stays text, so that the library
//! judges it, in the words that it has for files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::RangedU64ValueParser;
use clap::{Args, Parser, Subcommand};

use crate::fetch;

mod train;

pub use train::{BestMetric, TrainArgs};

/// Train generative adversarial networks at any level of labelling, with labels that the networks make for themselves.
#[derive(Debug, Parser)]
#[command(name = "slgan", version, max_term_width = 100, after_help = "Start with: slgan train")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a model, and watch it.
    Train(Box<TrainArgs>),
    /// Generate images with a trained model: a grid, an interpolation, or files for other tools.
    Generate(GenerateArgs),
    /// Label a data set or a folder of pictures with a trained model's teacher.
    Label(LabelArgs),
    /// Write a trained model to one file, which the web page loads.
    Export(ExportArgs),
    /// List the devices that can compute, and say which one `--device auto` takes; or check one.
    Devices(DevicesArgs),
    /// List, inspect and download data sets.
    #[command(subcommand)]
    Data(DataCommand),
    /// Time this program's kernels beside burn's stock operations, on the same device.
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// What to time.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Each kernel, at the shapes of the presets.
    Kernels(BenchArgs),
    /// A whole training step.
    Step(BenchArgs),
    /// Whether a long run grows.
    Memory(MemoryArgs),
}

/// What `bench memory` is asked for.
#[derive(Debug, Args)]
pub struct MemoryArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Sizes of the networks: tiny, small or cifar.
    #[arg(long, default_value = "tiny")]
    pub preset: String,
    /// Images a step.
    #[arg(long, default_value = "64")]
    pub batch: String,
    /// Steps; the first tenth is where memory may grow.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(2..))]
    pub steps: u64,
    /// Print JSON alone.
    #[arg(long)]
    pub json: bool,
}

/// What a benchmark is asked for.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Presets, separated by commas.
    #[arg(long = "preset", value_name = "LIST", value_delimiter = ',', default_value = "tiny,small",
        value_parser = ["tiny", "small", "cifar"])]
    pub presets: Vec<String>,
    /// Print JSON alone.
    #[arg(long)]
    pub json: bool,
}

/// The model that a command uses, and where it computes.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Folder of the run.
    pub run: PathBuf,
    /// Checkpoint to use: last, best, or a step.
    #[arg(long, value_name = "last|best|STEP", default_value = "last")]
    pub checkpoint: CheckpointChoice,
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
}

/// A checkpoint of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointChoice {
    /// The one with the most steps.
    Last,
    /// The one that `train --best` chose.
    Best,
    /// The one after so many steps.
    Step(u64),
}

impl FromStr for CheckpointChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "last" => Ok(Self::Last),
            "best" => Ok(Self::Best),
            step => step.parse().map(Self::Step).map_err(|_| "expected `last`, `best` or a step such as 500"),
        }
    }
}

/// What `generate` is asked for.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The generator.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Number of images: in a row of a grid or strip [default: 10], or in all for --images and --npz [default: 1000].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub count: Option<usize>,
    /// Seed of the latent vectors.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Factor on the spread of the latent vectors, above 0 and at most 1: less gives plainer and more alike images.
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = parse_truncation)]
    pub truncation: f64,
    /// Artificial label to generate, from 0; may be repeated [default: all].
    #[arg(long = "label", value_name = "K")]
    pub labels: Vec<usize>,
    #[command(flatten)]
    output: GenerateOutputArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Output (exactly one)")]
struct GenerateOutputArgs {
    /// Write a PNG with a row for each label.
    #[arg(long, value_name = "FILE")]
    grid: Option<PathBuf>,
    /// Write a PNG with strips between latent vectors of a label, and between labels.
    #[arg(long, value_name = "FILE")]
    interpolate: Option<PathBuf>,
    /// Write a PNG for each image into a folder.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Write a NumPy archive: arr_0 holds bytes [N, height, width, channels], arr_1 the labels.
    #[arg(long, value_name = "FILE")]
    npz: Option<PathBuf>,
}

/// What `generate` writes, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerateOutput<'a> {
    /// One PNG with a row for each label.
    Grid(&'a Path),
    /// One PNG of strips between latent vectors.
    Interpolate(&'a Path),
    /// A folder of PNGs.
    Images(&'a Path),
    /// One NumPy archive.
    Npz(&'a Path),
}

impl GenerateArgs {
    /// The one output that was asked for.
    pub fn output(&self) -> GenerateOutput<'_> {
        let GenerateOutputArgs { grid, interpolate, images, npz } = &self.output;
        let grid = grid.as_deref().map(GenerateOutput::Grid);
        grid.or_else(|| interpolate.as_deref().map(GenerateOutput::Interpolate))
            .or_else(|| images.as_deref().map(GenerateOutput::Images))
            .or_else(|| npz.as_deref().map(GenerateOutput::Npz))
            .expect("clap refuses a call without one of them")
    }
}

fn parse_truncation(text: &str) -> Result<f64, &'static str> {
    let in_range = |factor: &f64| 0.0 < *factor && *factor <= 1.0;
    text.parse().ok().filter(in_range).ok_or("expected a number above 0 and at most 1")
}

/// What `label` is asked for.
#[derive(Debug, Args)]
pub struct LabelArgs {
    /// The teacher.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Pictures to label, as for `slgan train`.
    #[arg(long, value_name = "SPEC")]
    pub data: String,
    /// Part of the data set to label; by default all pictures of a folder, and what is held out of other sets.
    #[arg(long, value_enum)]
    pub split: Option<Split>,
    /// CSV file to write, with the columns image (a number, or a path in a folder), label, class, confidence and passes_gate.
    #[arg(long, value_name = "FILE.csv")]
    pub out: PathBuf,
    /// Skip and count pictures that cannot be decoded, instead of stopping at the first.
    #[arg(long)]
    pub skip_bad: bool,
}

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Split {
    /// What is trained on.
    Train,
    /// What is held out.
    Test,
    /// Both.
    All,
}

/// What `export` is asked for.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Folder of the run.
    pub run: PathBuf,
    /// File to write.
    #[arg(long, value_name = "FILE.slgan")]
    pub out: PathBuf,
}

/// What `devices` is asked for.
#[derive(Debug, Args)]
pub struct DevicesArgs {
    /// Validate and translate every compute kernel instead, and report what each asks of an adapter.
    #[arg(long)]
    pub shaders: bool,
    /// Compare every operation with float64 on a device instead; the exit code is 1 if a result is wrong.
    #[arg(long, conflicts_with = "shaders")]
    pub check: bool,
    /// Device to check: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto", requires = "check", conflicts_with = "shaders")]
    pub device: String,
    /// Print JSON alone.
    #[arg(long)]
    pub json: bool,
}

/// What to do with data sets.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the data sets that can be trained on, and where each is looked for.
    List {
        /// Print JSON alone.
        #[arg(long)]
        json: bool,
    },
    /// Read a data set and tell what it holds: images, labels of each class, and what is wrong with it.
    Inspect {
        /// Data set, as for `slgan train --data`.
        spec: String,
        /// Write a PNG with a row of samples for each class.
        #[arg(long, value_name = "FILE")]
        grid: Option<PathBuf>,
        /// Print JSON alone.
        #[arg(long)]
        json: bool,
        /// Skip and count pictures that cannot be decoded, instead of stopping at the first.
        #[arg(long)]
        skip_bad: bool,
    },
    /// Download a data set from its publisher; a download that was cut off goes on where it stopped.
    Fetch {
        /// Data set to download.
        #[arg(value_parser = fetch::names())]
        name: String,
        /// Folder in which the data sets lie.
        #[arg(long, env = "SLGAN_DATA")]
        dir: PathBuf,
        /// Download from a mirror instead of the publisher.
        #[arg(long)]
        url: Option<String>,
    },
}

#[cfg(test)]
mod tests;
