//! What several operations share on the CPU backend: loops, sums, memory, and conversion to and from its tensors.
//!
//! Work is split by image or channel, never by the number of threads, and partial sums are added in a fixed order. So
//! the bits do not depend on the number of threads.

pub mod elementwise;
pub mod fresh;
pub mod parallel;
pub mod scratch;
pub mod simd;
pub mod softmax;
pub mod strict;
pub mod sums;
pub mod tensor;

use burn::tensor::Device;

/// Whether a device is the CPU backend.
pub fn is_cpu(device: &Device) -> bool {
    device.clone().without_autodiff() == Device::flex()
}
