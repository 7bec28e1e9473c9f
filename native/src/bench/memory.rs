//! `slgan bench memory`: whether the memory of a long run grows.

use std::time::Duration;

use anyhow::Result;
use burn::tensor::Device;
use slgan::config::{Config, Layer};
use slgan::train::task::Task;

use super::step::{Runner, glyphs};
use crate::cli::MemoryArgs;
use crate::failure::usage;
use crate::{device, memory};

/// Memory at one time, in bytes.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// Memory of the process, with the device's memory if the adapter is software. 0 if the system does not report it.
    process: u64,
    /// Our memory on the device; none on the CPU.
    device: Option<u64>,
}

impl Held {
    fn now(device: &Device) -> Self {
        Self { process: memory::held(), device: device.memory_pool_usage().map(|usage| usage.bytes_reserved) }
    }
}

/// Trains for some steps, and prints the memory after a tenth of the steps and at the end.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &MemoryArgs) -> Result<()> {
    let opened = device::open(&args.device)?;
    let layers = [("--preset", "preset", &args.preset), ("--batch", "batch", &args.batch)];
    let layers = layers.map(|(flag, key, value)| Layer::from_flag(flag, key, value));
    let task = Task::new(Config::from_layers(&layers).map_err(usage)?, glyphs()?)?.on(opened.class);
    let mut runner = Runner::repeating(&task, &opened.device)?;
    let mut held = Vec::new();
    let mut time = Duration::ZERO;
    for step in 1..=args.steps {
        time += runner.step()?;
        if step == args.steps.div_ceil(10) || step == args.steps {
            held.push(Held::now(&opened.device));
        }
    }
    let (early, late) = (held[0], held[held.len() - 1]);
    let report = serde_json::json!({
        "device": opened.name,
        "steps": args.steps,
        "bytes_after_a_tenth": early.process,
        "bytes_at_the_end": late.process,
        "device_bytes_after_a_tenth": early.device,
        "device_bytes_at_the_end": late.device,
        "seconds": time.as_secs_f64(),
    });
    if args.json {
        result!("{report}");
    } else {
        result!("{}, after a tenth of {} steps and at the end:", opened.name, args.steps);
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let line = |what, [early, late]: [u64; 2]| {
            result!("{what:<8} {:8.1} MiB {:8.1} MiB", mebibytes(early), mebibytes(late));
        };
        line("process", [early.process, late.process]);
        if let (Some(early), Some(late)) = (early.device, late.device) {
            line("device", [early, late]);
        }
    }
    Ok(())
}
