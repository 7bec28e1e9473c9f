//! One kernel at one shape, and what the cases of a preset need.

use std::any::Any;

use burn::tensor::{Device, Tensor, TensorData};
use slgan::config::Config;
use slgan::data::ImageShape;
use slgan::kernels::class::DeviceClass;
use slgan::nn::Architecture;
use slgan::rng::{Purpose, stream};
use slgan_stock::Sizes;

use crate::bench::implementation::Implementation;
use crate::bench::stock;
use crate::device::Opened;

/// The timed call, after its preparation.
pub type Prepared = Box<dyn FnOnce() -> Box<dyn Any>>;

/// Does the work before the timed call, and returns the call.
pub type Prepare = Box<dyn Fn() -> Prepared>;

/// One kernel at one shape.
pub struct Case {
    /// The shader's file, without its extension.
    pub name: &'static str,
    /// Preset and sizes, as text.
    pub shape: String,
    /// Floating-point operations per call.
    pub flops: f64,
    /// Bytes that a call must move: each input and output once.
    pub bytes: f64,
    ours: Prepare,
    stock: Prepare,
}

impl Case {
    /// Does the work before a call, and returns the call.
    pub fn prepare(&self, implementation: Implementation) -> Prepared {
        match implementation {
            Implementation::Ours => (self.ours)(),
            Implementation::Stock => (self.stock)(),
        }
    }
}

/// The number of labels.
pub const LABELS: usize = 10;

/// What the cases of a preset need.
pub struct Bench {
    preset: String,
    /// Images per batch.
    pub batch: usize,
    /// Sizes of the networks.
    pub sizes: Sizes,
    /// The device of the cases.
    pub device: Device,
    /// The class of the device.
    pub class: DeviceClass,
    /// Whether the device is a GPU.
    pub is_gpu: bool,
}

/// A call that needs no preparation.
pub fn forward<T: 'static>(work: impl Fn() -> T + Clone + 'static) -> Prepare {
    Box::new(move || {
        let work = work.clone();
        Box::new(move || Box::new(work()))
    })
}

/// The backward pass of `work`.
pub fn backward<const D: usize>(work: impl Fn() -> Tensor<D> + 'static) -> Prepare {
    Box::new(move || {
        let y = work();
        Box::new(move || Box::new(y.backward()))
    })
}

/// The tensor on the autodiff device, tracked or not.
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
            class: opened.class,
            is_gpu: opened.max_binding_bytes.is_some(),
        }
    }

    /// Standard normal numbers; equal counts give equal numbers.
    pub fn draw<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let values = stream(0, Purpose::Test, count as u64).normals(count);
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }

    /// A case with `flops` operations that moves `numbers` values of 4 bytes.
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
