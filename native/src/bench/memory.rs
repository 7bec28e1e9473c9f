//! `slgan bench memory`: whether a long run grows.

use std::time::Duration;

use anyhow::Result;
use slgan::train::config::{Config, Layer};
use slgan::train::task::Task;

use super::Implementation;
use super::step::{Runner, glyphs};
use crate::cli::MemoryArgs;
use crate::failure::usage;
use crate::{device, memory};

/// Trains for a while and prints what the process held after a tenth of the steps, and at the end. On a software adapter
/// that is the device's memory as well.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &MemoryArgs) -> Result<()> {
    let opened = device::open(&args.device)?;
    let layers = [("--preset", "preset", &args.preset), ("--batch", "batch", &args.batch)];
    let layers = layers.map(|(flag, key, value)| Layer::from_flag(flag, key, value));
    let task = Task::new(Config::from_layers(&layers).map_err(usage)?, glyphs()?)?;
    let mut runner = Runner::new(&task, &opened.device, Implementation::Ours);
    let mut held = Vec::new();
    let mut time = Duration::ZERO;
    for step in 1..=args.steps {
        time += runner.step()?;
        if step == args.steps.div_ceil(10) || step == args.steps {
            held.push(memory::held());
        }
    }
    let (early, late) = (held[0], held[held.len() - 1]);
    let report = serde_json::json!({
        "device": opened.name,
        "steps": args.steps,
        "bytes_after_a_tenth": early,
        "bytes_at_the_end": late,
        "seconds": time.as_secs_f64(),
    });
    if args.json {
        println!("{report}");
    } else {
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let [early, late] = [early, late].map(mebibytes);
        println!("{}: {early:.1} MiB after a tenth of {} steps, {late:.1} MiB after all", opened.name, args.steps);
    }
    Ok(())
}
