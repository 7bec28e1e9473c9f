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

    /// Memory for [`Self::copy`].
    pub fn target(&self) -> Tensor<1> {
        self.source.zeros_like()
    }

    /// Reads and writes `self.bytes()` bytes in all: what `target`, which nobody else may hold, is to become. Fresh memory
    /// would be as much a measurement of how the system hands it out.
    pub fn copy(&self, target: Tensor<1>) -> Tensor<1> {
        let [source, target] = [self.source.clone(), target].map(Tensor::into_dispatch);
        Tensor::from_dispatch(<Dispatch as CeilingOps>::copy(source, target))
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

    /// A tensor of the same shape after `x` has been copied to it.
    fn copy(x: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self>;
}
