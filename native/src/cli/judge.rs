//! The flags of `slgan judge`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with judges.
#[derive(Debug, Subcommand)]
pub enum JudgeCommand {
    /// Train a classifier on all real labels of a data set, and save it with its accuracy. It judges images, and has no
    /// part in training a generator.
    Train(JudgeTrainArgs),
}

/// Arguments of `judge train`.
#[derive(Debug, Args)]
pub struct JudgeTrainArgs {
    /// Data set, as for `slgan train --data`; images without a label are not used.
    #[arg(long, value_name = "SPEC")]
    pub data: String,
    /// File to write.
    #[arg(long, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Training steps [default: 2800, about half an hour on two cores for CIFAR-10].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub steps: Option<u64>,
    /// Images per step [default: 128].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub batch: Option<u16>,
    /// Random number that decides weights and batches.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Side of the images that the pictures of a folder become: 28, 32, 48, 64 or 96; other sets have their own.
    #[arg(long, value_name = "PIXELS", default_value_t = 32, value_parser = size)]
    pub size: usize,
    /// Channels of the images that the pictures of a folder become: 1 or 3.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = channels)]
    pub channels: usize,
    /// Skip and count pictures that cannot be decoded, instead of failing at the first.
    #[arg(long)]
    pub skip_bad: bool,
}

fn size(text: &str) -> Result<usize, String> {
    one_of(text, &slgan::config::IMAGE_SIZES)
}

fn channels(text: &str) -> Result<usize, String> {
    one_of(text, &[1, 3])
}

fn one_of(text: &str, choices: &[usize]) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| choices.contains(number));
    number.ok_or_else(|| format!("expected one of {choices:?}"))
}
