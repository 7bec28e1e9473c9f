//! `slgan bench step`: a whole training step.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor};
use serde::Serialize;
use slgan::config::{Config, Layer};
use slgan::data::{Dataset, LoadOptions};
use slgan::labels::LatentPartition;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Replay, Stepper};

use super::implementation::Implementation;
use super::median::median;
use super::open::open;
use super::stock::StockRun;
use super::{calls, table};
use crate::cli::BenchArgs;
use crate::{dataset, memory};

/// Largest number of rounds per preset, and the time after which no round starts.
const ENOUGH: Duration = Duration::from_secs(90);

/// Time for steps that do not wait, and most of them.
const QUEUED: Duration = Duration::from_secs(2);
const MOST_QUEUED: f64 = 100.0;

/// Steps after which a run repeats itself, and its times and its memory no longer change.
const STEPS_BEFORE_REPEATED: usize = 5;

/// Steps after which the memory of a run has reached its peak.
const MEMORY_STEPS: usize = 3;

/// The measurements of one preset.
#[derive(Debug, Serialize)]
struct Row {
    preset: String,
    /// Of a step that waits for the device.
    ms: f64,
    /// Of a step among several that do not wait, as in training.
    queued_ms: f64,
    stock_ms: f64,
    ratio_to_stock: f64,
    dispatches: u64,
    stock_dispatches: u64,
    images_per_second: f64,
    peak_bytes: u64,
}

/// Runs the benchmark and prints the results.
///
/// # Errors
/// If the device cannot be opened or fails.
pub fn run(args: &BenchArgs) -> Result<()> {
    let opened = open(args)?;
    let tasks = args.timing.presets.iter().map(|preset| {
        let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
        Ok(Task::new(config, glyphs()?)?.on(opened.class))
    });
    let tasks = tasks.collect::<Result<Vec<Task>>>()?;
    // This comes before any stock step, so that stock's memory does not count.
    let peaks = tasks.iter().map(|task| peak_bytes(task, &opened.device)).collect::<Result<Vec<u64>>>()?;
    let rows = args.timing.presets.iter().zip(&tasks).zip(peaks);
    let rows = rows.map(|((preset, task), peak)| measure(preset, task, &opened.device, peak, args.rounds));
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    if args.timing.json {
        result!("{}", serde_json::json!({ "device": opened.name, "device_class": opened.class, "steps": rows }));
        return Ok(());
    }
    result!("{}", opened.name);
    let head = ["preset", "ms", "queued ms", "stock ms", "ratio", "dispatches", "stock", "images/s", "peak MiB"];
    table::print(head, &rows.iter().map(Row::cells).collect::<Vec<_>>());
    Ok(())
}

impl Row {
    fn cells(&self) -> [String; 9] {
        [
            self.preset.clone(),
            format!("{:.1}", self.ms),
            format!("{:.1}", self.queued_ms),
            format!("{:.1}", self.stock_ms),
            format!("{:.2}", self.ratio_to_stock),
            self.dispatches.to_string(),
            self.stock_dispatches.to_string(),
            format!("{:.0}", self.images_per_second),
            format!("{:.0}", self.peak_bytes as f64 / f64::from(1 << 20)),
        ]
    }
}

/// The built-in data set; all presets train on it.
pub fn glyphs() -> Result<Dataset> {
    dataset::load(&dataset::parse("glyphs")?, &LoadOptions::default())
}

/// A run with timed steps.
pub struct Runner<'a> {
    /// Does a step, and returns the generator's loss.
    work: Box<dyn FnMut() -> Option<Tensor<1>> + 'a>,
    /// Whether the last step was a repeated one.
    repeats: Rc<Cell<bool>>,
}

impl<'a> Runner<'a> {
    /// A run past its warm-up, so that every part of a step is active. It does one launch after the other.
    pub fn new(task: &'a Task, device: &Device, implementation: Implementation) -> Self {
        match implementation {
            Implementation::Ours => {
                let (stepper, mut state) = ours(task, device);
                Self { work: Box::new(move || stepper.step(&mut state).g_loss), repeats: Rc::default() }
            }
            Implementation::Stock => {
                let mut run = StockRun::new(task, device, past_warm_up(task));
                Self { work: Box::new(move || Some(run.step().generator)), repeats: Rc::default() }
            }
        }
    }

    /// A run of ours that repeats its steps where the device can, as in training.
    ///
    /// # Errors
    /// If the device fails.
    pub fn repeating(task: &'a Task, device: &Device) -> Result<Self> {
        let (stepper, mut state) = ours(task, device);
        let mut replay = Replay::new(stepper);
        let repeats = Rc::new(Cell::new(false));
        let told = Rc::clone(&repeats);
        let work = move || {
            let loss = replay.step(&mut state).g_loss;
            told.set(replay.is_repeating());
            loss
        };
        let mut runner = Self { work: Box::new(work), repeats };
        for _ in 0..STEPS_BEFORE_REPEATED {
            runner.step()?;
        }
        Ok(runner)
    }

    /// Whether the last step was a repeated one.
    pub fn is_repeating(&self) -> bool {
        self.repeats.get()
    }

    /// Does one step, waits for the device, and returns the time.
    ///
    /// # Errors
    /// If the device fails.
    pub fn step(&mut self) -> Result<Duration> {
        self.steps(1)
    }

    /// Does some steps, waits for the device, and returns the time of all.
    ///
    /// # Errors
    /// If the device fails, or there are no steps.
    pub fn steps(&mut self, count: usize) -> Result<Duration> {
        let start = Instant::now();
        let loss = (0..count).map(|_| (self.work)()).last().flatten().context("the generator is trained")?;
        pollster::block_on(loss.into_data_async()).context("reading the device")?;
        Ok(start.elapsed())
    }
}

/// The first step in which everything is active.
fn past_warm_up(task: &Task) -> u64 {
    task.config.labels_from() + 1
}

fn ours<'a>(task: &'a Task, device: &Device) -> (Stepper<'a>, State) {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(task, partition, device));
    let mut state = State::new(&task.config, &task.architecture(), device);
    state.step = past_warm_up(task);
    (stepper, state)
}

/// Peak memory of our steps, in bytes: of the device, or of the process on the CPU.
fn peak_bytes(task: &Task, device: &Device) -> Result<u64> {
    device.memory_cleanup();
    memory::forget_peak();
    let mut runner = Runner::repeating(task, device)?;
    let mut most = 0;
    for _ in 0..MEMORY_STEPS {
        runner.step()?;
        let held = device.memory_pool_usage().map_or_else(memory::peak, |usage| usage.bytes_reserved);
        most = most.max(held);
    }
    Ok(most)
}

fn measure(preset: &str, task: &Task, device: &Device, peak_bytes: u64, rounds: u16) -> Result<Row> {
    let mut ours = Runner::repeating(task, device)?;
    let mut stock = Runner::new(task, device, Implementation::Stock);
    stock.step()?;
    let (first, our_calls) = calls::count(|| ours.step());
    first?;
    let (first, stock_calls) = calls::count(|| stock.step());
    first?;
    let (mut times, mut stock_times) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while times.is_empty() || times.len() < rounds.into() && start.elapsed() < ENOUGH {
        times.push(ours.step()?.as_secs_f64());
        stock_times.push(stock.step()?.as_secs_f64());
    }
    let (time, stock_time) = (median(times), median(stock_times));
    let count = (QUEUED.as_secs_f64() / time).clamp(1.0, MOST_QUEUED) as usize;
    let queued_time = ours.steps(count)?.as_secs_f64() / count as f64;
    Ok(Row {
        preset: preset.to_owned(),
        ms: 1e3 * time,
        queued_ms: 1e3 * queued_time,
        stock_ms: 1e3 * stock_time,
        ratio_to_stock: stock_time / time,
        dispatches: our_calls.dispatches,
        stock_dispatches: stock_calls.dispatches,
        images_per_second: task.config.batch as f64 / time,
        peak_bytes,
    })
}

#[cfg(test)]
mod tests {
    use slgan::config::Config;

    use super::*;
    use crate::bench::noop;

    #[test]
    fn rows_have_the_documented_fields() {
        let row = Row {
            preset: "tiny".into(),
            ms: 1.0,
            queued_ms: 0.9,
            stock_ms: 4.0,
            ratio_to_stock: 4.0,
            dispatches: 10,
            stock_dispatches: 40,
            images_per_second: 100.0,
            peak_bytes: 1,
        };
        let row = serde_json::to_value(row).unwrap();
        let fields: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "dispatches",
            "images_per_second",
            "ms",
            "peak_bytes",
            "preset",
            "queued_ms",
            "ratio_to_stock",
            "stock_dispatches",
            "stock_ms",
        ];
        assert_eq!(fields, expected);
    }

    /// On the empty backend, where no driver compiles the hundreds of kernels of stock.
    #[test]
    fn a_step_has_at_most_a_quarter_of_the_dispatches_of_stock() {
        let device = noop::open().unwrap();
        let task = Task::new(Config { batch: 4, ..Config::default() }, glyphs().unwrap()).unwrap();
        let counts = [Implementation::Ours, Implementation::Stock].map(|implementation| {
            let mut runner = Runner::new(&task, &device, implementation);
            runner.step().unwrap();
            calls::count(|| runner.step().unwrap()).1.dispatches
        });
        let [ours, stock] = counts;
        assert!(ours > 100 && 4 * ours <= stock, "{ours} dispatches, stock {stock}");
    }
}
