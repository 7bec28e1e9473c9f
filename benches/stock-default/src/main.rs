//! Times stock burn with its default features: autotune and fusion, after tuning.
//!
//! The step and the convolutions are the same as in `slgan bench`, where burn has neither feature: with them, timing
//! would decide what is computed, and so the bits of a run.

mod conv2d;
mod device;
mod step;

use anyhow::Result;
use clap::Parser;

/// Time stock burn with its default features.
#[derive(Debug, Parser)]
struct Args {
    /// Where to compute: default, software, cpu, discrete:N, integrated:N or virtual:N. The default adapter is the
    /// first real GPU, or what CUBECL_WGPU_DEFAULT_DEVICE says.
    #[arg(long, default_value = "default")]
    device: String,
    /// Presets, separated by commas.
    #[arg(long = "preset", value_delimiter = ',', default_value = "tiny,small", value_parser = ["tiny", "small"])]
    presets: Vec<String>,
    /// Print only JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let device = device::open(&args.device)?;
    let mut steps = Vec::new();
    let mut convolutions = Vec::new();
    for preset in &args.presets {
        convolutions.extend(conv2d::measure(preset, &device)?);
        steps.push(step::measure(preset, &device)?);
    }
    if args.json {
        println!("{}", serde_json::json!({ "device": args.device, "steps": steps, "conv2d": convolutions }));
        return Ok(());
    }
    println!("{:<10}  {:>12}  {:>12}", "preset", "ms", "warm-up");
    for row in &steps {
        println!("{:<10}  {:>12.1}  {:>12}", row.preset, row.ms, row.warm_up_steps);
    }
    println!();
    println!("{:<72}  {:>10}  {:>10}  {:>10}  {:>10}", "conv2d", "ms", "forward", "input", "weights");
    for row in &convolutions {
        let [forward, input, weight] = [row.forward_ms, row.input_gradient_ms, row.weight_gradient_ms];
        println!("{:<72}  {:>10.3}  {forward:>10.3}  {input:>10.3}  {weight:>10.3}", row.shape, row.ms);
    }
    Ok(())
}

/// The median of some numbers; NaN if there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The sizes of a preset. slgan's tests compare them with `slgan::nn::Architecture`.
fn sizes(preset: &str) -> slgan_stock::Sizes {
    match preset {
        "small" => slgan_stock::Sizes::small(),
        _ => slgan_stock::Sizes::tiny(),
    }
}

/// Real images per step, and as many generated images.
const BATCH: usize = 64;
