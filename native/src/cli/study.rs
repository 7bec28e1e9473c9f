//! The flags of `slgan study`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::RangedU64ValueParser;

const EXAMPLES: &str = "\
Examples:
  slgan study studies/gate.toml --dry-run     the commands of its runs
  slgan study studies/gate.toml --jobs 2      two runs at a time
  slgan study studies/gate.toml --set data=svhn --out runs/gate-svhn   on other data
  slgan study studies/gate.toml --judge cifar10-judge.safetensors      measured by one good judge
  slgan study studies/gate.toml --devices gpu:0,gpu:1,gpu:2,gpu:3      one run on each GPU
The same call again goes on where a study stopped: finished runs are kept, others continue from their last checkpoint.
Ctrl-C, SIGTERM and SIGHUP save the runs and stop (exit code 130, 143 or 129).";

/// Arguments of `study`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StudyArgs {
    /// Study: settings, seeds, and what all runs have in common (docs/studies.md).
    #[arg(value_name = "FILE.toml")]
    pub file: PathBuf,
    /// Folder for the runs and the results [default: runs/<name of the file>].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Set a key for all settings, over what the file says of all of them; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", requires = "out")]
    pub set: Vec<String>,
    /// Devices to use, such as gpu:0,gpu:1; each run has one of them, whatever the study says.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub devices: Vec<String>,
    /// Runs at a time [default: one for each device].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub jobs: Option<usize>,
    /// Judge from `slgan judge train`, which measures every finished run that it has not measured yet.
    #[arg(long, value_name = "FILE.safetensors")]
    pub judge: Option<PathBuf>,
    /// Try failed and diverged runs again, from their last checkpoint.
    #[arg(long)]
    pub retry: bool,
    /// Only print the command of each run, and how far it is.
    #[arg(long)]
    pub dry_run: bool,
}
