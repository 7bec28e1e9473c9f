//! The flags of `slgan generate`: a model, what to draw with it, and one place to write it.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::model::ModelArgs;

/// Arguments of `generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// The generator.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Number of images: per row for --grid and --interpolate [default: 10], in total for --images and --npz [default:
    /// 1000].
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1_000_000))]
    pub count: Option<usize>,
    /// Seed of the latent vectors.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Scale of the latent vectors' spread, above 0 and at most 1: lower values give more typical, less varied images.
    #[arg(long, value_name = "T", default_value_t = 1.0, value_parser = parse_truncation)]
    pub truncation: f64,
    /// Artificial label to generate, counted from 0; may be repeated [default: all].
    #[arg(long = "label", value_name = "K")]
    pub labels: Vec<usize>,
    #[command(flatten)]
    output: GenerateOutputArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Output (exactly one)")]
struct GenerateOutputArgs {
    /// Write a PNG with one row per label.
    #[arg(long, value_name = "FILE")]
    grid: Option<PathBuf>,
    /// Write a PNG of interpolations: two rows per label, one within the label and one to the next label.
    #[arg(long, value_name = "FILE")]
    interpolate: Option<PathBuf>,
    /// Write a folder with one PNG per image.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// Write a NumPy archive: arr_0 holds the images as bytes [N, height, width, channels], arr_1 their labels,
    /// latents their latent vectors.
    #[arg(long, value_name = "FILE")]
    npz: Option<PathBuf>,
}

/// What `generate` writes, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerateOutput<'a> {
    /// One PNG with one row per label.
    Grid(&'a Path),
    /// One PNG of interpolations between latent vectors.
    Interpolate(&'a Path),
    /// A folder with one PNG per image.
    Images(&'a Path),
    /// One NumPy archive.
    Npz(&'a Path),
}

impl GenerateArgs {
    /// The requested output.
    pub fn output(&self) -> GenerateOutput<'_> {
        let GenerateOutputArgs { grid, interpolate, images, npz } = &self.output;
        let grid = grid.as_deref().map(GenerateOutput::Grid);
        grid.or_else(|| interpolate.as_deref().map(GenerateOutput::Interpolate))
            .or_else(|| images.as_deref().map(GenerateOutput::Images))
            .or_else(|| npz.as_deref().map(GenerateOutput::Npz))
            .expect("clap requires exactly one output")
    }
}

fn parse_truncation(text: &str) -> Result<f64, &'static str> {
    let in_range = |factor: &f64| 0.0 < *factor && *factor <= 1.0;
    text.parse().ok().filter(in_range).ok_or("expected a number above 0 and at most 1")
}
