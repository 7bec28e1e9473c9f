//! `slgan bench kernels`: each kernel, at the shapes of the presets.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::Device;

use super::cases::{self, Case};
use super::ceilings::Ceilings;
use super::implementation::Implementation;
use super::median::median;
use super::row::{Limits, Row, with_sums};
use super::{summary, table};
use crate::cli::BenchArgs;
use crate::device;

/// Largest number of rounds per case, and the time after which no round starts.
const ENOUGH: Duration = Duration::from_millis(1_200);

/// Runs the benchmark and prints the results.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    let opened = device::open(&args.device)?;
    let limits = measure_limits(&opened.device)?;
    let mut rows = Vec::new();
    for preset in &args.timing.presets {
        for case in cases::of_preset(preset, &opened)? {
            let row = measure(&case, &opened.device, limits, args.rounds)?;
            say!("{} {}: {:.2} times as fast as stock", row.name, row.shape, row.ratio_to_stock);
            rows.push(row);
        }
    }
    let rows = with_sums(rows, limits);
    if args.timing.json {
        result!("{}", serde_json::json!({ "device": opened.name, "ceilings": limits, "kernels": rows }));
        return Ok(());
    }
    result!("{}: at most {:.0} GFLOP/s, {:.1} GB/s", opened.name, limits.gflops, limits.gbps);
    let head = ["kernel", "shape", "ms", "stock ms", "ratio", "GFLOP/s", "GB/s", "bound", "share"];
    table::print(head, &rows.iter().map(Row::cells).collect::<Vec<_>>());
    result!("");
    summary::print(&rows);
    Ok(())
}

fn measure_limits(device: &Device) -> Result<Limits> {
    let ceilings = Ceilings::new(device);
    let fastest = |work: &mut dyn FnMut()| -> Result<f64> {
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            wait(device)?;
            let start = Instant::now();
            work();
            wait(device)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        Ok(best)
    };
    let compute = fastest(&mut || drop(ceilings.compute()))?;
    let mut target = Some(ceilings.target());
    let copy = fastest(&mut || target = target.take().map(|target| ceilings.copy(target)))?;
    Ok(Limits { gflops: ceilings.flops() / compute / 1e9, gbps: ceilings.bytes() / copy / 1e9 })
}

fn wait(device: &Device) -> Result<()> {
    device.sync().context("waiting for the device")
}

fn measure(case: &Case, device: &Device, limits: Limits, rounds: u16) -> Result<Row> {
    for implementation in [Implementation::Ours, Implementation::Stock] {
        time(case, device, implementation)?;
    }
    let (mut times, mut stock_times) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while times.is_empty() || times.len() < rounds.into() && start.elapsed() < ENOUGH {
        times.push(time(case, device, Implementation::Ours)?);
        stock_times.push(time(case, device, Implementation::Stock)?);
    }
    let milliseconds = [median(times), median(stock_times)].map(|seconds| 1e3 * seconds);
    Ok(Row::new(case.name, &case.shape, milliseconds, [case.flops, case.bytes], limits))
}

/// Seconds per call.
fn time(case: &Case, device: &Device, implementation: Implementation) -> Result<f64> {
    let prepared = case.prepare(implementation);
    wait(device)?;
    let start = Instant::now();
    let result = prepared();
    wait(device)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(result);
    Ok(seconds)
}
