//! Operations that the training step spends its time in, each behind a function of its own.
//!
//! On GPUs the kernels of `shaders/` do the work (`gpu`), on the CPU backend loops of our own (`cpu`) or stock operations
//! where these are fast enough. Callers know only shapes and meaning, so an implementation can change without a change
//! elsewhere. What is composed of stock operations reduces along axes, never over a whole tensor: that sum uses float
//! atomics on some adapters, and its bits would depend on scheduling.

pub mod adam;
pub mod add_enlarged;
pub mod average;
pub mod batch;
pub mod batch_norm;
pub mod ceilings;
#[cfg(feature = "checks")]
pub mod checks;
pub mod conv2d;
mod cpu;
pub mod diff_augment;
pub mod downsample;
mod gpu;
pub mod leaky_relu;
pub mod linear;
pub mod losses;
pub mod self_label;
pub mod shader;
pub mod spectral_norm;
pub mod stock;
pub mod tanh;

pub use gpu::variants;
