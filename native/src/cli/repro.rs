//! The arguments of `slgan repro`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with reproducibility reports.
#[derive(Debug, Subcommand)]
pub enum ReproCommand {
    /// Run the reproducibility suite on a device, and write its report.
    Run(ReproRunArgs),
    /// Compare reports with the first: what is the same, what rounding explains, and where runs part.
    Compare(ReproCompareArgs),
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

/// Arguments of `repro compare`.
#[derive(Debug, Args)]
pub struct ReproCompareArgs {
    /// Two or more reports of `slgan repro run`, as JSON or as gzip of it (.json.gz); the first is the reference.
    #[arg(required = true, num_args = 2.., value_name = "REPORT.json")]
    pub reports: Vec<PathBuf>,
    /// List everything that was compared, not only what differs.
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub all: bool,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
    /// Print tables in Markdown, for a document.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Also write a page with plots and pictures to this file.
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,
}

/// A suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SuiteName {
    /// About a minute on two cores of a CPU.
    Standard,
    /// The same with runs of three steps, for a first look.
    Brief,
}
