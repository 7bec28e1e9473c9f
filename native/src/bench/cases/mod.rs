//! What `slgan bench kernels` times: each kernel at the shapes that a preset's step has, beside what stock burn does in
//! its place.
//!
//! A row times the call that launches its kernel: most are called alone. Those that are only ever a part of another
//! operation are launched alone too, on a GPU (`parts`); on the CPU they do not exist. The exceptions are gradients: their
//! rows time the backward pass of the operation, with nothing tracked but what the row is about.

mod batch_norm;
mod conv2d;
mod elementwise;
mod images;
mod labels;
mod optimizer;
mod parts;

use std::any::Any;

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData};
use slgan::config::{Config, Layer};
use slgan::data::ImageShape;
use slgan::nn::Architecture;
use slgan::rng::{Purpose, stream};
use slgan_stock::Sizes;

use super::{Implementation, stock};
use crate::device::Opened;

/// What is timed, after what is not.
type Prepared = Box<dyn FnOnce() -> Box<dyn Any>>;

/// Makes what comes before, and returns the call.
type Prepare = Box<dyn Fn() -> Prepared>;

/// One kernel at one shape.
pub struct Case {
    /// The shader's file, without its ending.
    pub name: &'static str,
    /// Sizes, for people.
    pub shape: String,
    /// Floating-point operations of a call.
    pub flops: f64,
    /// Bytes that a call has to move: each of its inputs and outputs once.
    pub bytes: f64,
    ours: Prepare,
    stock: Prepare,
}

impl Case {
    /// Makes what comes before a call, and returns the call.
    pub fn prepare(&self, implementation: Implementation) -> Prepared {
        match implementation {
            Implementation::Ours => (self.ours)(),
            Implementation::Stock => (self.stock)(),
        }
    }
}

/// All cases of a preset, on images of 3x32x32.
///
/// # Errors
/// If there is no such preset.
pub fn of_preset(preset: &str, opened: &Opened) -> Result<Vec<Case>> {
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
    Ok(Bench::new(preset, &config, opened).cases())
}

const LABELS: usize = 10;

struct Bench {
    preset: String,
    batch: usize,
    sizes: Sizes,
    device: Device,
    is_gpu: bool,
}

/// A call that needs no preparation.
fn forward<T: 'static>(work: impl Fn() -> T + Clone + 'static) -> Prepare {
    Box::new(move || {
        let work = work.clone();
        Box::new(move || Box::new(work()))
    })
}

/// The backward pass of what `work` computes.
fn backward<const D: usize>(work: impl Fn() -> Tensor<D> + 'static) -> Prepare {
    Box::new(move || {
        let y = work();
        Box::new(move || Box::new(y.backward()))
    })
}

/// A tensor that gradients are or are not wanted of, on the autodiff device.
fn lifted<const D: usize>(tensor: &Tensor<D>, is_tracked: bool) -> Tensor<D> {
    let tensor = tensor.clone().autodiff();
    if is_tracked { tensor.require_grad() } else { tensor }
}

impl Bench {
    fn new(preset: &str, config: &Config, opened: &Opened) -> Self {
        Self {
            preset: preset.to_owned(),
            batch: config.batch,
            sizes: stock::sizes(&Architecture::new(config, ImageShape { channels: 3, size: 32 }, LABELS)),
            device: opened.device.clone(),
            is_gpu: opened.max_binding_bytes.is_some(),
        }
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = self.convolutions();
        cases.extend(self.linear_layers());
        cases.extend(self.normalization());
        cases.extend(self.optimizer());
        cases.extend(self.spectral());
        cases.extend(self.elementwise());
        cases.extend(self.images());
        cases.extend(self.labels());
        if self.is_gpu {
            cases.extend(self.parts());
        }
        cases
    }

    fn draw<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let values = stream(0, Purpose::Test, count as u64).normals(count);
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    fn case(
        &self,
        name: &'static str,
        shape: impl std::fmt::Debug,
        [flops, numbers]: [usize; 2],
        ours: Prepare,
        stock: Prepare,
    ) -> Case {
        let shape = format!("{} {shape:?}", self.preset);
        Case { name, shape, flops: flops as f64, bytes: (numbers * size_of::<f32>()) as f64, ours, stock }
    }

    /// Channels of the generator's last block.
    fn last_width(&self) -> usize {
        let widths = &self.sizes.generator_widths;
        widths[widths.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::gpu;
    use super::*;
    use crate::device::open;

    /// Ours and stock, once each, on few images.
    fn run_all(opened: &Opened) {
        let config = Config { batch: 2, ..Config::default() };
        let cases = Bench::new("tiny", &config, opened).cases();
        assert!(cases.len() > 40, "{}: only {} cases", opened.name, cases.len());
        for case in cases {
            for implementation in [Implementation::Ours, Implementation::Stock] {
                case.prepare(implementation)();
                opened.device.sync().unwrap_or_else(|error| panic!("{} {}: {error}", case.name, case.shape));
            }
        }
    }

    #[test]
    fn every_case_runs_on_the_cpu() {
        run_all(&open("cpu").unwrap());
    }

    #[test]
    fn every_case_runs_on_a_gpu() {
        if let Some(gpu) = gpu() {
            run_all(&gpu);
        }
    }
}
