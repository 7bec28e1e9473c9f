//! The convolutions of a step, forward and backward: the `conv2d` rows of `slgan bench kernels`.

use std::any::Any;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::tensor::{Device, Distribution, Tensor};
use serde::Serialize;
use slgan_stock::{Convolution, ops};

use crate::{BATCH, median, sizes};

/// Calls before times count. Autotune tries its kernels in the first calls.
const WARM_UP: usize = 10;

/// The largest number of measured calls, and the time after which no further call starts.
const CALLS: usize = 15;
const ENOUGH: Duration = Duration::from_millis(1_200);

/// The times at one shape.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The shape, as in `slgan bench kernels`.
    pub shape: String,
    /// The sum of the three below.
    pub ms: f64,
    /// The forward pass.
    pub forward_ms: f64,
    /// The backward pass if only the input is tracked.
    pub input_gradient_ms: f64,
    /// The backward pass if only weights and bias are tracked.
    pub weight_gradient_ms: f64,
}

/// Times every convolution of a preset.
///
/// # Errors
/// If the device fails.
pub fn measure(preset: &str, device: &Device) -> Result<Vec<Row>> {
    let convolutions = sizes(preset).convolutions(BATCH).into_iter();
    convolutions.map(|convolution| measure_one(preset, &convolution, device)).collect()
}

fn measure_one(preset: &str, convolution: &Convolution, device: &Device) -> Result<Row> {
    let forward_ms = time(device, || {
        let run = convolve(convolution, [false, false], device);
        Box::new(move || Box::new(run()))
    })?;
    let backward_ms = |tracks| {
        time(device, || {
            let y = convolve(convolution, tracks, device)();
            Box::new(move || Box::new(y.backward()))
        })
    };
    let (input_gradient_ms, weight_gradient_ms) = (backward_ms([true, false])?, backward_ms([false, true])?);
    let Convolution { x, weight, stride, enlarge } = *convolution;
    let label = (x, weight, stride, if enlarge { "enlarging" } else { "plain" });
    let ms = forward_ms + input_gradient_ms + weight_gradient_ms;
    let row = Row { shape: format!("{preset} {label:?}"), ms, forward_ms, input_gradient_ms, weight_gradient_ms };
    eprintln!("{}: {:.3} ms", row.shape, row.ms);
    Ok(row)
}

/// A call of a convolution of random numbers. `tracks` says whether input and parameters are tracked.
fn convolve(convolution: &Convolution, tracks: [bool; 2], device: &Device) -> impl FnOnce() -> Tensor<4> + use<> {
    let Convolution { x, weight, stride, enlarge } = *convolution;
    let normal = Distribution::Normal(0.0, 1.0);
    let bias = lifted(Tensor::<1>::random([weight[0]], normal, device), tracks[1]);
    let (x, weight) = (Tensor::<4>::random(x, normal, device), Tensor::<4>::random(weight, normal, device));
    let (x, layer) = (lifted(x, tracks[0]), ops::conv2d(lifted(weight, tracks[1]), bias, stride));
    move || layer.forward(if enlarge { ops::enlargement().forward(x) } else { x })
}

fn lifted<const D: usize>(tensor: Tensor<D>, is_tracked: bool) -> Tensor<D> {
    let tensor = tensor.autodiff();
    if is_tracked { tensor.require_grad() } else { tensor }
}

/// The timed part of a call, after its preparation.
type Prepared = Box<dyn FnOnce() -> Box<dyn Any>>;

/// Median time per call in milliseconds, after tuning.
fn time(device: &Device, prepare: impl Fn() -> Prepared) -> Result<f64> {
    let call = || -> Result<f64> {
        let prepared = prepare();
        device.sync().context("waiting for the device")?;
        let start = Instant::now();
        let result = prepared();
        device.sync().context("waiting for the device")?;
        let seconds = start.elapsed().as_secs_f64();
        drop(result);
        Ok(seconds)
    };
    for _ in 0..WARM_UP {
        call()?;
    }
    let (mut times, start) = (Vec::new(), Instant::now());
    while times.is_empty() || times.len() < CALLS && start.elapsed() < ENOUGH {
        times.push(call()?);
    }
    Ok(1e3 * median(times))
}
