//! Times the whole training step.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use serde::Serialize;
use slgan_stock::{Adversarial, Batch, Networks, Settings, Shift, Sizes, Trainer};

use crate::{BATCH, median, sizes};

/// The smallest and largest number of warm-up steps, which do not count. They end when steps stop getting faster:
/// autotune first tries every kernel at every shape, and fusion compiles kernels.
const FEWEST: usize = 10;
const MOST: usize = 40;

/// Times are settled if the last `WINDOW` steps take more than `SETTLED` of the time of the `WINDOW` steps before them.
const WINDOW: usize = 4;
const SETTLED: f64 = 0.95;

/// The largest number of measured steps, and the time after which no further step starts.
const STEPS: usize = 15;
const ENOUGH: Duration = Duration::from_secs(120);

/// slgan's defaults.
const DROPOUT: f64 = 0.2;
const LABELLED_BATCH: usize = 32;

/// The first step past the warm-up of slgan's presets `tiny` and `small`.
const FIRST_STEP: u64 = 401;

/// The times of one preset.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The preset.
    pub preset: String,
    /// Median time per step.
    pub ms: f64,
    /// Number of steps until times settled.
    pub warm_up_steps: usize,
}

/// Times a preset.
///
/// # Errors
/// If the device fails.
pub fn measure(preset: &str, device: &Device) -> Result<Row> {
    let sizes = sizes(preset);
    let batch = batch(&sizes, device);
    let networks = Networks::new(&sizes, DROPOUT, device);
    let mut trainer = Some(Trainer::new(&sizes, networks, Settings::default(), FIRST_STEP));
    let mut step = || -> Result<f64> {
        let start = Instant::now();
        let (next, losses) = trainer.take().context("every step puts the trainer back")?.step(batch.clone());
        trainer = Some(next);
        losses.generator.try_into_data().context("reading the device")?;
        device.sync().context("waiting for the device")?;
        Ok(start.elapsed().as_secs_f64())
    };
    let mut warm_up = Vec::new();
    while warm_up.len() < FEWEST || warm_up.len() < MOST && !is_settled(&warm_up) {
        warm_up.push(step()?);
        eprintln!("{preset}, warm-up {}: {:.1} ms", warm_up.len(), 1e3 * warm_up[warm_up.len() - 1]);
    }
    let (mut times, start) = (Vec::new(), Instant::now());
    while times.is_empty() || times.len() < STEPS && start.elapsed() < ENOUGH {
        times.push(step()?);
    }
    Ok(Row { preset: preset.to_owned(), ms: 1e3 * median(times), warm_up_steps: warm_up.len() })
}

fn is_settled(times: &[f64]) -> bool {
    let Some(early) = times.len().checked_sub(2 * WINDOW) else { return false };
    let [before, last] = [early, early + WINDOW].map(|from| median(times[from..from + WINDOW].to_vec()));
    last > SETTLED * before
}

/// Inputs with the shapes of slgan's if a few images are labelled. No time depends on their values.
fn batch(sizes: &Sizes, device: &Device) -> Batch {
    let normal = Distribution::Normal(0.0, 1.0);
    let images = |count| Tensor::random([count, sizes.channels, sizes.image_size, sizes.image_size], normal, device);
    Batch {
        updates: vec![Adversarial {
            real: images(BATCH),
            allowed: Tensor::ones([BATCH, sizes.labels], device),
            known: Tensor::zeros([BATCH, 1], device),
            latents: Tensor::random([BATCH, sizes.latent_dim], normal, device),
            wanted: one_hot(BATCH, sizes.labels, device),
        }],
        labelled: Some((images(LABELLED_BATCH), one_hot(LABELLED_BATCH, sizes.labels, device))),
        shifts: Some([LABELLED_BATCH, BATCH].map(|count| shifts(count, sizes.image_size, device))),
    }
}

fn one_hot(count: usize, labels: usize, device: &Device) -> Tensor<2> {
    let place = |place: usize| if place % labels == place / labels % labels { 1.0 } else { 0.0 };
    let values: Vec<f32> = (0..count * labels).map(place).collect();
    Tensor::from_data(TensorData::new(values, [count, labels]), device)
}

fn shifts(count: usize, image_size: usize, device: &Device) -> Tensor<2, Int> {
    let reach = Shift::reach(image_size) as i32;
    let values: Vec<i32> = (0..2 * count as i32).map(|place| place % (2 * reach + 1) - reach).collect();
    Tensor::from_data(TensorData::new(values, [count, 2]), device)
}
