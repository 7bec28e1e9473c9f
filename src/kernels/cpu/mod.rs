//! The operations on the CPU backend, written for it.
//!
//! Work is split by image or by channel, never by how many threads there are, and partial sums are added in a fixed
//! order: so the bits do not depend on the number of threads.

mod adam;
mod add_enlarged;
mod batch_norm;
mod conv2d;
mod diff_augment;
mod elementwise;
mod fresh;
mod leaky_relu;
mod losses;
mod matrix;
mod mirror;
mod parallel;
mod patches;
mod scratch;
mod self_label;
mod simd;
mod softmax;
mod spectral_norm;
mod sums;
mod tanh;
mod tensor;
mod window;

use burn::tensor::Device;

/// Whether a device is the CPU backend.
pub fn is_cpu(device: &Device) -> bool {
    device.clone().without_autodiff() == Device::flex()
}
