//! The arguments of `slgan repro`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with reproducibility reports.
#[derive(Debug, Subcommand)]
pub enum ReproCommand {
    /// Run the reproducibility suite on a device, and write its report.
    Run(ReproRunArgs),
}

/// Arguments of `repro run`.
#[derive(Debug, Args)]
pub struct ReproRunArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Suite to run; only reports of the same suite can be compared.
    #[arg(long, value_enum, default_value = "standard")]
    pub suite: SuiteName,
    /// File to write [default: repro.json, or the first free of repro-2.json, repro-3.json ..].
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    /// Print the report instead of a summary; without --out, write no file.
    #[arg(long)]
    pub json: bool,
}

/// A suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SuiteName {
    /// About a minute on two cores of a CPU.
    Standard,
    /// The same with runs of three steps, for a first look.
    Brief,
}
