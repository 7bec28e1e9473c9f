//! The device of a benchmark.

use anyhow::Result;

use crate::cli::BenchArgs;
use crate::device::{self, Opened};

/// Opens the device, for the kernels of the class that is asked for.
///
/// # Errors
/// If the device cannot be opened.
pub fn open(args: &BenchArgs) -> Result<Opened> {
    let opened = device::open(&args.device)?;
    let class = args.device_class.unwrap_or(opened.class);
    Ok(Opened { class, ..opened })
}
