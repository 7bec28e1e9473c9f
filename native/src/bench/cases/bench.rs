//! One kernel at one shape, and what the cases of a preset are made from.

use std::any::Any;

use burn::tensor::{Device, Tensor, TensorData};
use slgan::config::Config;
use slgan::data::ImageShape;
use slgan::nn::Architecture;
use slgan::rng::{Purpose, stream};
use slgan_stock::Sizes;

use crate::bench::implementation::Implementation;
use crate::bench::stock;
use crate::device::Opened;

/// What is timed, after what is not.
pub type Prepared = Box<dyn FnOnce() -> Box<dyn Any>>;

/// Makes what comes before, and returns the call.
pub type Prepare = Box<dyn Fn() -> Prepared>;

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

/// Labels of the networks.
pub const LABELS: usize = 10;

/// What the cases of a preset are made from.
pub struct Bench {
    preset: String,
    /// Images of a batch.
    pub batch: usize,
    /// Sizes of the networks.
    pub sizes: Sizes,
    /// Where the cases run.
    pub device: Device,
    /// Whether that is a GPU.
    pub is_gpu: bool,
}

/// A call that needs no preparation.
pub fn forward<T: 'static>(work: impl Fn() -> T + Clone + 'static) -> Prepare {
    Box::new(move || {
        let work = work.clone();
        Box::new(move || Box::new(work()))
    })
}

/// The backward pass of what `work` computes.
pub fn backward<const D: usize>(work: impl Fn() -> Tensor<D> + 'static) -> Prepare {
    Box::new(move || {
        let y = work();
        Box::new(move || Box::new(y.backward()))
    })
}

/// A tensor that gradients are or are not wanted of, on the autodiff device.
pub fn lifted<const D: usize>(tensor: &Tensor<D>, is_tracked: bool) -> Tensor<D> {
    let tensor = tensor.clone().autodiff();
    if is_tracked { tensor.require_grad() } else { tensor }
}

impl Bench {
    /// A preset on images of 3x32x32.
    pub fn new(preset: &str, config: &Config, opened: &Opened) -> Self {
        Self {
            preset: preset.to_owned(),
            batch: config.batch,
            sizes: stock::sizes(&Architecture::new(config, ImageShape { channels: 3, size: 32 }, LABELS)),
            device: opened.device.clone(),
            is_gpu: opened.max_binding_bytes.is_some(),
        }
    }

    /// Standard normal numbers; equal shapes give equal ones.
    pub fn draw<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let values = stream(0, Purpose::Test, count as u64).normals(count);
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    /// A case that does `flops` and moves `numbers` of 4 bytes.
    pub fn case(
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
    pub fn last_width(&self) -> usize {
        let widths = &self.sizes.generator_widths;
        widths[widths.len() - 1]
    }
}
