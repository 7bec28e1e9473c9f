//! `slgan bench step`: a whole training step.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::Device;
use serde::Serialize;
use slgan::data::{Dataset, LoadOptions};
use slgan::kernels::stock;
use slgan::labels::LatentPartition;
use slgan::train::config::{Config, Layer};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Stepper};

use super::{dispatches, median, table};
use crate::cli::BenchArgs;
use crate::{dataset, device, memory};

/// Rounds at the most, and the time after which no further one is started, for each preset.
const ROUNDS: usize = 15;
const ENOUGH: Duration = Duration::from_secs(90);

/// What was measured of one preset.
#[derive(Debug, Serialize)]
struct Row {
    preset: String,
    ms: f64,
    stock_ms: f64,
    ratio_to_stock: f64,
    dispatches: u64,
    stock_dispatches: u64,
    images_per_second: f64,
    peak_bytes: u64,
}

/// Runs the benchmark and prints what it found.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    let opened = device::open(&args.device)?;
    let rows = args.presets.iter().map(|preset| {
        let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
        measure(preset, &Task::new(config, glyphs()?)?, &opened.device)
    });
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    if args.json {
        println!("{}", serde_json::json!({ "device": opened.name, "steps": rows }));
        return Ok(());
    }
    println!("{}", opened.name);
    let head = ["preset", "ms", "stock ms", "ratio", "dispatches", "stock", "images/s", "peak MiB"];
    table::print(head, &rows.iter().map(Row::cells).collect::<Vec<_>>());
    Ok(())
}

impl Row {
    fn cells(&self) -> [String; 8] {
        [
            self.preset.clone(),
            format!("{:.1}", self.ms),
            format!("{:.1}", self.stock_ms),
            format!("{:.2}", self.ratio_to_stock),
            self.dispatches.to_string(),
            self.stock_dispatches.to_string(),
            format!("{:.0}", self.images_per_second),
            format!("{:.0}", self.peak_bytes as f64 / f64::from(1 << 20)),
        ]
    }
}

/// The drawn data set, which every preset is timed on.
pub fn glyphs() -> Result<Dataset> {
    dataset::load(&dataset::parse("glyphs")?, &LoadOptions::default())
}

/// A run whose steps are timed.
pub struct Runner<'a> {
    stepper: Stepper<'a>,
    state: State,
    is_stock: bool,
}

impl<'a> Runner<'a> {
    /// A run past its warm-up, when every part of the step is at work.
    pub fn new(task: &'a Task, device: &Device, is_stock: bool) -> Self {
        let partition = LatentPartition::new(&task.config.latent, task.subject.labels, task.config.seed);
        let stepper = Stepper::new(&task.config, InputMaker::new(task, partition, device));
        let mut state = State::new(&task.config, &task.architecture(), device);
        state.step = task.config.gate.warm_up + 1;
        Self { stepper, state, is_stock }
    }

    /// One step, until the device has done it.
    ///
    /// # Errors
    /// If the device fails.
    pub fn step(&mut self) -> Result<Duration> {
        stock::choose(self.is_stock);
        let start = Instant::now();
        let result = self.stepper.step(&mut self.state);
        let loss = result.g_loss.context("the generator is trained")?;
        pollster::block_on(loss.into_data_async()).context("reading the device")?;
        let time = start.elapsed();
        stock::choose(false);
        Ok(time)
    }
}

fn measure(preset: &str, task: &Task, device: &Device) -> Result<Row> {
    let [mut ours, mut stock] = [false, true].map(|is_stock| Runner::new(task, device, is_stock));
    ours.step()?;
    stock.step()?;
    let (first, ours_dispatches) = dispatches::count(|| ours.step());
    first?;
    let (first, stock_dispatches) = dispatches::count(|| stock.step());
    first?;
    let (mut times, mut stock_times) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while times.is_empty() || times.len() < ROUNDS && start.elapsed() < ENOUGH {
        times.push(ours.step()?.as_secs_f64());
        stock_times.push(stock.step()?.as_secs_f64());
    }
    let (time, stock_time) = (median(times), median(stock_times));
    Ok(Row {
        preset: preset.to_owned(),
        ms: 1e3 * time,
        stock_ms: 1e3 * stock_time,
        ratio_to_stock: stock_time / time,
        dispatches: ours_dispatches,
        stock_dispatches,
        images_per_second: task.config.batch as f64 / time,
        peak_bytes: memory::peak(),
    })
}
