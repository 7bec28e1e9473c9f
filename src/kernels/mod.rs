//! Operations that the training step spends its time in, each behind a function of its own.
//!
//! Most are composed of stock tensor operations; convolution and batch normalisation have an implementation of their own
//! on the CPU backend, in `cpu`. Callers know only shapes and meaning, so an implementation can change without a change
//! elsewhere. Reductions run along axes, never over a whole tensor: that sum uses float atomics on some
//! adapters, and its bits would depend on scheduling.

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
