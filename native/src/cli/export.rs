//! The flags of `slgan export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::checkpoint::CheckpointChoice;

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --onnx, the file holds the averaged generator and the teacher in half precision, as the \
    web page loads them. With --onnx, it holds one of both in single precision. A generator's inputs are `latents` \
    [n, dim] and, if generator.conditional is on, one-hot `labels` [n, labels]; its output is `images` [n, channels, \
    size, size] from -1 to 1. A teacher's input is `images` and its output `probabilities` [n, labels], as `slgan \
    label` uses them. The metadata say how to draw latents, which class a label belongs to, and more."
)]
pub struct ExportArgs {
    /// Run folder.
    pub run: PathBuf,
    /// Checkpoint to use: last, best or a step.
    #[arg(long, value_name = "last|best|STEP", default_value = "last")]
    pub checkpoint: CheckpointChoice,
    /// Write a network as ONNX, for ONNX Runtime and others.
    #[arg(long, value_name = "generator|teacher", value_enum, hide_possible_values = true)]
    pub onnx: Option<OnnxNetwork>,
    /// File to write [default: with --onnx, generator.onnx or teacher.onnx in the run folder].
    #[arg(long, value_name = "FILE", required_unless_present = "onnx")]
    pub out: Option<PathBuf>,
}

/// A network that ONNX files can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnnxNetwork {
    /// The averaged generator.
    Generator,
    /// The averaged classifier, which labels images.
    Teacher,
}
