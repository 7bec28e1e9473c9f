//! The command line: commands, flags and help texts.
//!
//! This module only parses. The values of configuration keys stay text, so that the library checks them, and reports
//! mistakes in the same words as for files.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use slgan::kernels::class::DeviceClass;

use crate::bench::cards::CARDS;
use crate::fetch;

mod checkpoint;
mod eval;
mod export;
mod generate;
mod help_on;
mod judge;
mod model;
mod repro;
mod scale;
mod split;
mod study;
mod train;

pub use checkpoint::CheckpointChoice;
pub use eval::EvalArgs;
pub use export::{ExportArgs, OnnxNetwork};
pub use generate::{GenerateArgs, GenerateOutput};
pub use judge::{JudgeCommand, JudgeTrainArgs};
pub use model::ModelArgs;
pub use repro::{ReproCommand, ReproCompareArgs, ReproRunArgs, SuiteName};
pub use scale::ScaleArgs;
pub use split::Split;
pub use study::StudyArgs;
pub use train::{BestMetric, TrainArgs};

/// Parses the words of a call, of which the first is the program's name.
///
/// # Errors
/// If the call is wrong, or asks for help. The error says how to go on.
pub fn parse(words: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Cli, clap::Error> {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let arguments = words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
    Cli::try_parse_from(words).map_err(|error| help_on::help_on(error, Cli::command(), &arguments))
}

/// Train generative adversarial networks with all, some or no labels; the networks make the missing labels themselves.
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
    /// Train a model, and show its progress.
    Train(Box<TrainArgs>),
    /// Train a grid of settings and seeds, and compare the settings.
    Study(StudyArgs),
    /// Generate images with a trained model: a grid, an interpolation, or files for other tools.
    Generate(GenerateArgs),
    /// Label a data set or a folder of pictures with a trained model.
    Label(LabelArgs),
    /// Write a trained model to one file: for the web page, or as ONNX for other programs.
    Export(ExportArgs),
    /// Make the report of a run again.
    Report(ReportArgs),
    /// List the devices, and show which one `--device auto` uses; or check a device.
    Devices(DevicesArgs),
    /// List, inspect and download data sets.
    #[command(subcommand)]
    Data(DataCommand),
    /// Compare the speed of this program's kernels and burn's stock operations on one device.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Show whether two devices or machines compute the same thing.
    #[command(subcommand)]
    Repro(ReproCommand),
    /// Say how good images are: of a run, or in a folder, a zip or a NumPy archive.
    Eval(Box<EvalArgs>),
    /// Train a judge, a classifier that says how good images are.
    #[command(subcommand)]
    Judge(JudgeCommand),
    /// Print completions for a shell, as packages install them.
    Completions {
        /// Shell that reads them.
        shell: Shell,
    },
    /// Write the manual pages of all commands.
    #[command(hide = true)]
    Man {
        /// Folder to create.
        folder: PathBuf,
    },
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Time each kernel, at the shapes of the presets.
    Kernels(BenchArgs),
    /// Time a whole training step.
    Step(BenchArgs),
    /// Time what a training step takes on the host alone, on a device that does nothing, and count what it asks for.
    Host(TimingArgs),
    /// List the kernels of a training step, with their operations, bytes and workgroups, and what a card should need.
    Model(ModelCostArgs),
    /// Simulate a run of several processes, and show how long a step would take on several networks.
    Scale(ScaleArgs),
    /// Check whether a long run takes more and more memory.
    Memory(MemoryArgs),
}

/// Arguments of `bench host`, and of every benchmark that times presets.
#[derive(Debug, Args)]
pub struct TimingArgs {
    /// Presets to time, separated by commas.
    #[arg(long = "preset", value_name = "LIST", value_delimiter = ',', default_value = "tiny,small",
        value_parser = ["tiny", "small", "cifar"])]
    pub presets: Vec<String>,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench model`.
#[derive(Debug, Args)]
pub struct ModelCostArgs {
    /// Preset of the step.
    #[arg(long, default_value = "tiny", value_parser = ["tiny", "small", "cifar"])]
    pub preset: String,
    /// Class of the device, which decides the kernels: software, integrated, discrete, discrete-winograd or strict.
    #[arg(long, value_name = "CLASS", default_value_t = DeviceClass::Discrete)]
    pub device_class: DeviceClass,
    /// Card whose peaks to compare with.
    #[arg(long, default_value = CARDS[0].name, value_parser = CARDS.map(|card| card.name))]
    pub card: String,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench memory`.
#[derive(Debug, Args)]
pub struct MemoryArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Size of the networks: tiny, small or cifar.
    #[arg(long, default_value = "tiny")]
    pub preset: String,
    /// Real images per step.
    #[arg(long, default_value = "64")]
    pub batch: String,
    /// Training steps; memory may grow during the first tenth.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(2..))]
    pub steps: u64,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `bench kernels` and `bench step`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Kernels of this class of devices, instead of the device's own: software, integrated, discrete,
    /// discrete-winograd or strict.
    #[arg(long, value_name = "CLASS")]
    pub device_class: Option<DeviceClass>,
    /// What to time.
    #[command(flatten)]
    pub timing: TimingArgs,
    /// Most rounds of a measurement. One is enough to try whether everything runs.
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    pub rounds: u16,
}

/// Arguments of `label`.
#[derive(Debug, Args)]
pub struct LabelArgs {
    /// The teacher.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Data set or folder to label, as for `slgan train --data`.
    #[arg(long, value_name = "SPEC")]
    pub data: String,
    /// Part of the data set to label [default: all for folders, test for other sets].
    #[arg(long, value_enum)]
    pub split: Option<Split>,
    /// CSV file to write, with the columns image (path, or number in a named data set), label, class, confidence and
    /// passes_gate.
    #[arg(long, value_name = "FILE.csv")]
    pub out: PathBuf,
    /// Skip and count pictures that cannot be decoded, instead of failing at the first.
    #[arg(long)]
    pub skip_bad: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run folder, of a finished or an unfinished run.
    pub run: PathBuf,
    /// File to write [default: report.html in the run folder].
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
}

/// Arguments of `devices`.
#[derive(Debug, Args)]
pub struct DevicesArgs {
    /// Instead of listing devices, validate and translate every compute kernel, and report what each needs.
    #[arg(long)]
    pub shaders: bool,
    /// Also write each kernel's SPIR-V to this new folder, with a list of them in kernels.json.
    #[arg(long, value_name = "DIR", requires = "shaders")]
    pub spirv: Option<PathBuf>,
    /// Instead of listing devices, check every operation of one against float64; exit with 1 if a result is wrong.
    #[arg(long, conflicts_with = "shaders")]
    pub check: bool,
    /// Device to check: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto", requires = "check", conflicts_with = "shaders")]
    pub device: String,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to do with data sets.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// List the data sets, and where the program looks for each.
    List {
        /// Print only JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read a data set, and report its images, its labels per class and its problems.
    Inspect {
        /// Data set, as for `slgan train --data`.
        spec: String,
        /// Write a PNG with one row of samples per class.
        #[arg(long, value_name = "FILE")]
        grid: Option<PathBuf>,
        /// Print only JSON.
        #[arg(long)]
        json: bool,
        /// Skip and count pictures that cannot be decoded, instead of failing at the first.
        #[arg(long)]
        skip_bad: bool,
    },
    /// Download a data set from its publisher; an interrupted download continues where it stopped.
    Fetch {
        /// Data set to download.
        #[arg(value_parser = fetch::names())]
        name: String,
        /// Folder that holds the data sets.
        #[arg(long, env = "SLGAN_DATA")]
        dir: PathBuf,
        /// URL of a mirror to download from, instead of the publisher.
        #[arg(long)]
        url: Option<String>,
    },
}

#[cfg(test)]
mod tests;
