//! `slgan bench kernels`: each kernel, at the shapes of the presets.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::Device;

use super::cases::{self, Case};
use super::ceilings::Ceilings;
use super::implementation::Implementation;
use super::median::median;
use super::open::open;
use super::row::{Limits, Row, with_sums};
use super::{summary, table};
use crate::cli::BenchArgs;

/// Largest number of rounds per case, and the time after which no round starts.
const ENOUGH: Duration = Duration::from_millis(1_200);

/// Time of a measurement, beside which launching and waiting matter little.
const LONG_ENOUGH: Duration = Duration::from_millis(5);

/// Most calls in a measurement of a case; their tensors are held together.
const MOST_CALLS: f64 = 32.0;

/// Most times that the work of a ceiling is done in a measurement.
const MOST_TIMES: usize = 256;

/// Fewest measurements of a ceiling, and the time that they take together at least. A device that was idle raises its
/// clock only after some tenths of a second: an H200 has shown less than half of its ceilings before.
const FEWEST_MEASUREMENTS: usize = 5;
const UNTIL_FAST: Duration = Duration::from_millis(500);

/// Runs the benchmark and prints the results.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    let opened = open(args)?;
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
        let (device, class) = (&opened.name, opened.class);
        let found = serde_json::json!({ "device": device, "device_class": class, "ceilings": limits, "kernels": rows });
        result!("{found}");
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
    let compute = fastest(device, |times| drop(ceilings.compute(times)))?;
    let mut target = Some(ceilings.target());
    let copy = fastest(device, |times| {
        for _ in 0..times {
            target = target.take().map(|target| ceilings.copy(target));
        }
    })?;
    Ok(Limits { gflops: ceilings.flops() / compute / 1e9, gbps: ceilings.bytes() / copy / 1e9 })
}

/// Seconds for doing some work once. It is done so many times that waiting takes little of the time.
fn fastest(device: &Device, mut work: impl FnMut(usize)) -> Result<f64> {
    let mut seconds = |times| -> Result<f64> {
        wait(device)?;
        let start = Instant::now();
        work(times);
        wait(device)?;
        Ok(start.elapsed().as_secs_f64())
    };
    let mut times = 1;
    while times < MOST_TIMES && seconds(times)? < LONG_ENOUGH.as_secs_f64() {
        times *= 2;
    }
    let start = Instant::now();
    let mut found = Vec::new();
    while found.len() < FEWEST_MEASUREMENTS || start.elapsed() < UNTIL_FAST {
        found.push(seconds(times)?);
    }
    Ok(found.into_iter().fold(f64::INFINITY, f64::min) / times as f64)
}

fn wait(device: &Device) -> Result<()> {
    device.sync().context("waiting for the device")
}

fn measure(case: &Case, device: &Device, limits: Limits, rounds: u16) -> Result<Row> {
    let [calls, stock_calls] =
        [calls(case, device, Implementation::Ours)?, calls(case, device, Implementation::Stock)?];
    let (mut times, mut stock_times) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while times.is_empty() || times.len() < rounds.into() && start.elapsed() < ENOUGH {
        times.push(time(case, device, Implementation::Ours, calls)?);
        stock_times.push(time(case, device, Implementation::Stock, stock_calls)?);
    }
    let milliseconds = [median(times), median(stock_times)].map(|seconds| 1e3 * seconds);
    Ok(Row::new(case.name, &case.shape, milliseconds, [case.flops, case.bytes], limits))
}

/// How many calls take so long together that waiting for them takes little of the time.
fn calls(case: &Case, device: &Device, implementation: Implementation) -> Result<usize> {
    time(case, device, implementation, 1)?;
    let seconds = time(case, device, implementation, 1)?;
    Ok((LONG_ENOUGH.as_secs_f64() / seconds).ceil().clamp(1.0, MOST_CALLS) as usize)
}

/// Seconds per call, of several that are queued together.
fn time(case: &Case, device: &Device, implementation: Implementation, calls: usize) -> Result<f64> {
    let prepared: Vec<_> = (0..calls).map(|_| case.prepare(implementation)).collect();
    wait(device)?;
    let start = Instant::now();
    let results: Vec<_> = prepared.into_iter().map(|call| call()).collect();
    wait(device)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(results);
    Ok(seconds / calls as f64)
}
