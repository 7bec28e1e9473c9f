//! Times burn's stock operations as burn comes: with autotune and fusion.

#[allow(dead_code, reason = "the program reads more of it")]
#[path = "../../../native/src/bench/cases.rs"]
mod cases;

use std::time::Instant;

use anyhow::{Context, Result};
use burn::tensor::{Device, DeviceKind};
use slgan::data::{Dataset, glyphs};
use slgan::kernels::stock;
use slgan::labels::LatentPartition;
use slgan::train::config::{Config, Layer};
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, Stepper};

/// Calls before the clock starts: tuning happens in them.
const TUNING: usize = 4;
const TIMED: usize = 5;

fn main() -> Result<()> {
    let presets = std::env::args().nth(1).unwrap_or_else(|| "tiny,small".to_owned());
    let kind = if std::env::args().any(|argument| argument == "--gpu") { DeviceKind::DefaultDevice } else { DeviceKind::Cpu };
    let device = Device::wgpu_options().device_kind(kind).init().context("there is no such adapter")?;
    stock::choose(true);
    for preset in presets.split(',') {
        println!("step {preset}: {:.1} ms", 1e3 * step(preset, &device)?);
        for case in cases::of_preset(preset, &device)?.iter().filter(|case| case.name.starts_with("conv2d")) {
            println!("{} {}: {:.3} ms", case.name, case.shape, 1e3 * call(case, &device)?);
        }
    }
    Ok(())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Seconds of a whole step.
fn step(preset: &str, device: &Device) -> Result<f64> {
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
    let data = Dataset {
        name: "glyphs".into(),
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        train: glyphs::split(0..20_000),
        test: glyphs::split(20_000..20_100),
        notes: Vec::new(),
    };
    let task = Task::new(config, data)?;
    let partition = LatentPartition::new(&task.config.latent, task.subject.labels, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(&task, partition, device));
    let mut state = State::new(&task.config, &task.architecture(), device);
    state.step = task.config.gate.warm_up + 1;
    let mut times = Vec::new();
    for number in 0..TUNING + TIMED {
        let start = Instant::now();
        let loss = stepper.step(&mut state).g_loss.context("the generator is trained")?;
        pollster::block_on(loss.into_data_async()).context("reading the device")?;
        times.extend((number >= TUNING).then(|| start.elapsed().as_secs_f64()));
    }
    Ok(median(times))
}

/// Seconds of one call.
fn call(case: &cases::Case, device: &Device) -> Result<f64> {
    let mut times = Vec::new();
    for number in 0..TUNING + TIMED {
        let prepared = (case.prepare)();
        device.sync().context("waiting for the device")?;
        let start = Instant::now();
        let result = prepared();
        device.sync().context("waiting for the device")?;
        times.extend((number >= TUNING).then(|| start.elapsed().as_secs_f64()));
        drop(result);
    }
    Ok(median(times))
}
