//! `slgan bench`: how fast this crate's kernels are, beside burn's own modules and optimiser on the same device.
//!
//! Both are timed in one run, in turn, so that a machine that slows down slows both.

mod cases;
mod dispatches;
mod kernels;
mod memory;
mod step;
mod stock;
mod summary;
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

/// The middle of some numbers, or of the two in the middle; NaN where there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count => (values[(count - 1) / 2] + values[count / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, OnceLock};

    use super::*;
    use crate::device::{Opened, adapters, open};

    /// The GPU, for one test at a time, as dispatches are counted for the whole process; none where there is none and
    /// none is required.
    pub fn gpu() -> Option<MutexGuard<'static, Opened>> {
        static GPU: OnceLock<Option<Mutex<Opened>>> = OnceLock::new();
        let gpu = GPU.get_or_init(|| (!adapters().is_empty()).then(|| Mutex::new(open("gpu").unwrap())));
        let is_required = std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_some();
        assert!(gpu.is_some() || !is_required, "an adapter is required and none was found");
        gpu.as_ref().map(|gpu| gpu.lock().unwrap())
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(vec![7.0]), 7.0);
        assert!(median(Vec::new()).is_nan());
    }
}
