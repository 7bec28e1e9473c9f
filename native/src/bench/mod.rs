//! `slgan bench`: the speed of our kernels, compared with burn's modules and optimiser on the same device.
//!
//! One run times both in turn, so that a machine that slows down slows both.

#[cfg(test)]
pub mod adapter;
mod calls;
pub mod cards;
mod cases;
pub mod ceilings;
mod host;
mod implementation;
mod kernels;
mod median;
mod memory;
mod model;
mod noop;
mod open;
mod row;
mod scale;
mod step;
mod stock;
mod summary;
mod table;

use anyhow::Result;

use crate::cli::BenchCommand;

/// Runs a benchmark.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(command: &BenchCommand) -> Result<()> {
    match command {
        BenchCommand::Host(args) => host::run(args),
        BenchCommand::Kernels(args) => kernels::run(args),
        BenchCommand::Model(args) => model::run(args),
        BenchCommand::Memory(args) => memory::run(args),
        BenchCommand::Scale(args) => scale::run(args),
        BenchCommand::Step(args) => step::run(args),
    }
}
