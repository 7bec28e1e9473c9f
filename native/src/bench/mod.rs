//! `slgan bench`: how fast this crate's kernels are, beside burn's own modules and optimiser on the same device.
//!
//! Both are timed in one run, in turn, so that a machine that slows down slows both.

mod cases;
mod dispatches;
mod kernels;
mod memory;
mod step;
mod stock;
mod table;

use anyhow::Result;

use crate::cli::BenchCommand;

/// Whose work is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// slgan as it trains.
    Ours,
    /// The same with `burn::nn` and `burn::optim::Adam` (the crate slgan-stock).
    Stock,
}

/// Runs a benchmark.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(command: &BenchCommand) -> Result<()> {
    match command {
        BenchCommand::Kernels(args) => kernels::run(args),
        BenchCommand::Memory(args) => memory::run(args),
        BenchCommand::Step(args) => step::run(args),
    }
}

/// The middle of some numbers, NaN where there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
