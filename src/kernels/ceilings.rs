//! What a device can do at most, for comparison with what kernels reach: a loop of multiply-adds, and a copy.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};

/// Numbers that are copied.
const COPIED: usize = 1 << 24;

/// The two loops on one device.
#[derive(Debug)]
pub struct Ceilings {
    source: Tensor<1>,
}

impl Ceilings {
    /// The measurements on a device.
    pub fn new(device: &Device) -> Self {
        Self { source: Tensor::ones([COPIED], device) }
    }

    /// Does `self.flops()` floating-point operations.
    pub fn compute(&self) -> Tensor<1> {
        Tensor::from_dispatch(<Dispatch as CeilingOps>::multiply_adds(self.source.clone().into_dispatch()))
    }

    /// Operations of [`Self::compute`]; a multiply-add is two.
    pub fn flops(&self) -> f64 {
        MULTIPLY_ADDS as f64 * 2.0
    }

    /// Reads and writes `self.bytes()` bytes in all.
    pub fn copy(&self) -> Tensor<1> {
        Tensor::from_dispatch(<Dispatch as CeilingOps>::duplicate(self.source.clone().into_dispatch()))
    }

    /// Bytes that [`Self::copy`] moves, reads and writes together.
    pub fn bytes(&self) -> f64 {
        (2 * COPIED * size_of::<f32>()) as f64
    }
}

/// Multiply-adds of a call, on every backend.
pub const MULTIPLY_ADDS: usize = 1 << 30;

/// The two loops on each backend.
#[backend_extension(Cube, Flex)]
pub trait CeilingOps: Backend {
    /// Does [`MULTIPLY_ADDS`].
    fn multiply_adds(like: FloatTensor<Self>) -> FloatTensor<Self>;

    /// A copy in memory of its own.
    fn duplicate(x: FloatTensor<Self>) -> FloatTensor<Self>;
}
