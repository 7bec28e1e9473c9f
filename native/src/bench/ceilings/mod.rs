//! The ceilings of a device, to compare kernels with: a loop of multiply-adds, and a copy.

mod cpu;
mod gpu;
mod ops;

pub use gpu::variants;

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor};

use ops::{COPIED, CeilingOps, MULTIPLY_ADDS};

/// The two loops on one device.
#[derive(Debug)]
pub struct Ceilings {
    source: Tensor<1>,
}

impl Ceilings {
    /// The two loops on this device.
    pub fn new(device: &Device) -> Self {
        Self { source: Tensor::ones([COPIED], device) }
    }

    /// Does `self.flops()` floating-point operations `times` times, in one launch.
    pub fn compute(&self, times: usize) -> Tensor<1> {
        Tensor::from_dispatch(<Dispatch as CeilingOps>::multiply_adds(self.source.clone().into_dispatch(), times))
    }

    /// Operations of [`Self::compute`] done once; a multiply-add counts as two.
    pub fn flops(&self) -> f64 {
        MULTIPLY_ADDS as f64 * 2.0
    }

    /// Memory for [`Self::copy`].
    pub fn target(&self) -> Tensor<1> {
        self.source.zeros_like()
    }

    /// Reads and writes `self.bytes()` bytes in total. It overwrites `target`, so the caller must hold it alone: with
    /// fresh memory, the time would include the system's allocation.
    pub fn copy(&self, target: Tensor<1>) -> Tensor<1> {
        let [source, target] = [self.source.clone(), target].map(Tensor::into_dispatch);
        Tensor::from_dispatch(<Dispatch as CeilingOps>::copy(source, target))
    }

    /// Bytes that [`Self::copy`] reads and writes.
    pub fn bytes(&self) -> f64 {
        (2 * COPIED * size_of::<f32>()) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::adapter;
    use crate::device::open;

    /// Each loop has a result that a device cannot know without the work.
    fn both_loops_work_on(device: &Device) {
        let ceilings = Ceilings::new(device);
        let sums: Vec<f32> = ceilings.compute(2).into_data().iter::<f32>().collect();
        assert!(!sums.is_empty() && sums.iter().all(|sum| sum.is_finite() && *sum != 0.0));
        let copied: Vec<f32> = ceilings.copy(ceilings.target()).into_data().iter::<f32>().collect();
        assert!(copied.len() == COPIED && copied.iter().all(|&number| number == 1.0));
    }

    #[test]
    fn both_loops_work_on_the_cpu() {
        both_loops_work_on(&open("cpu").unwrap().device);
    }

    #[test]
    fn both_loops_work_on_a_gpu() {
        if let Some(gpu) = adapter::gpu() {
            both_loops_work_on(&gpu.device);
        }
    }
}
