//! `slgan bench scale`: how long a step would take with more processes.
//!
//! All processes of a run are simulated in this one, one after the other on this device, so each takes the time that it
//! would take alone. What they exchange is measured too, and a model of a network says how long it would be under way.

mod network;
mod trace;

use anyhow::Result;
use serde::Serialize;
use slgan::config::{Config, Layer};
use slgan::train::task::Task;

use super::median::median;
use super::step::glyphs;
use super::table;
use crate::cli::ScaleArgs;
use crate::device::{self, Opened};
use crate::failure::usage;
use network::{Link, Step, steps};
use trace::{Trace, record};

/// A number of processes on a network.
#[derive(Debug, Serialize)]
struct Row {
    processes: usize,
    gigabits_per_second: f64,
    /// Milliseconds of a step: its median.
    ms: f64,
    /// The time of one process over that of each of these, from 0 to 1.
    efficiency: f64,
    /// The share of a step in which a process does not compute, from 0 to 1.
    exchange: f64,
    /// Bytes that a process sends in a step, at most.
    bytes: u64,
}

/// Simulates runs of several processes, and prints the time of a step.
///
/// # Errors
/// If the configuration is impossible, or the device cannot be opened or fails.
pub fn run(args: &ScaleArgs) -> Result<()> {
    let opened = device::open(&args.device)?;
    let shards = args.processes.iter().copied().max().unwrap_or(1);
    let (batch, labelled, shards) = (args.batch.to_string(), (args.batch / 2).to_string(), shards.to_string());
    let layers = [
        ("--preset", "preset", &args.preset),
        ("--batch", "batch", &batch),
        ("--batch", "classifier.labelled_batch", &labelled),
        ("--processes", "shards", &shards),
    ];
    let layers = layers.map(|(flag, key, value)| Layer::from_flag(flag, key, value));
    let config = Config { steps: args.steps + 1, ..Config::from_layers(&layers).map_err(usage)? };
    let task = Task::new(config, glyphs()?)?.on(opened.class);
    let traces = args.processes.iter().map(|&processes| record(&task, &opened.device, processes));
    let traces = traces.collect::<Result<Vec<Trace>>>()?;
    print(args, &opened, &rows(&traces, args));
    Ok(())
}

fn rows(traces: &[Trace], args: &ScaleArgs) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for &gigabits_per_second in &args.links {
        let link = Link { gigabits_per_second, microseconds: args.delay };
        let alone = traces.first().map(|trace| (trace.len(), row(trace, link).ms));
        rows.extend(traces.iter().map(|trace| {
            let row = row(trace, link);
            let efficiency = alone.map_or(1.0, |(count, ms)| count as f64 * ms / (trace.len() as f64 * row.ms));
            Row { efficiency, ..row }
        }));
    }
    rows
}

fn row(trace: &Trace, link: Link) -> Row {
    let steps = steps(trace, link);
    let of = |figure: fn(&Step) -> f64| median(steps.iter().map(figure).collect());
    let seconds = of(|step| step.seconds);
    Row {
        processes: trace.len(),
        gigabits_per_second: link.gigabits_per_second,
        ms: 1e3 * seconds,
        efficiency: 1.0,
        exchange: 1.0 - of(|step| step.computing) / seconds,
        bytes: of(|step| step.bytes as f64) as u64,
    }
}

fn print(args: &ScaleArgs, opened: &Opened, rows: &[Row]) {
    if args.json {
        result!("{}", serde_json::json!({ "device": opened.name, "preset": args.preset, "steps": rows }));
        return;
    }
    result!("{}, {}, batch {}, simulated:", opened.name, args.preset, args.batch);
    let cells = |row: &Row| {
        [
            row.processes.to_string(),
            format!("{}", row.gigabits_per_second),
            format!("{:.1}", row.ms),
            format!("{:.0} %", 100.0 * row.efficiency),
            format!("{:.0} %", 100.0 * row.exchange),
            format!("{:.2}", row.bytes as f64 / 1e6),
        ]
    };
    let head = ["processes", "Gbit/s", "ms", "efficiency", "exchange", "MB sent"];
    table::print(head, &rows.iter().map(cells).collect::<Vec<_>>());
}
