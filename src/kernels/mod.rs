//! Operations that the training step spends its time in, each behind a function of its own.
//!
//! On GPUs the kernels of `shaders/` do the work (`gpu`), on the CPU backend loops of our own (`cpu`) or burn's
//! operations where these are fast enough. Callers know only shapes and meaning, so an implementation can change without a change
//! elsewhere. What is composed of burn's operations reduces along axes, never over a whole tensor: that sum uses float
//! atomics on some adapters, and its bits would depend on scheduling.

pub mod adam;
pub mod add_enlarged;
mod autodiff;
pub mod batch;
pub mod batch_norm;
#[cfg(feature = "checks")]
pub mod checks;
#[cfg(feature = "checks")]
mod compare;
pub mod conv2d;
pub mod diff_augment;
pub mod downsample;
mod host;
pub mod launch;
pub mod leaky_relu;
pub mod linear;
pub mod losses;
pub mod self_label;
pub mod shader;
pub mod spectral_norm;
pub mod tanh;
mod variants;

pub use variants::variants;
