//! The operations that take most of a training step's time, each behind its own function.
//!
//! On GPUs the kernels of `shaders/` do the work (`gpu`). On the CPU backend, loops of our own do it (`cpu`), or burn's
//! operations if they are fast enough. Callers know only shapes and meaning, so an implementation can change without
//! changes elsewhere. Compositions of burn's operations reduce along axes, never over a whole tensor: on some adapters
//! such a sum uses float atomics, and its bits would depend on scheduling.

pub mod adam;
pub mod add_enlarged;
#[cfg(feature = "checks")]
pub mod altered;
mod autodiff;
pub mod batch;
pub mod batch_norm;
#[cfg(feature = "checks")]
mod bounds;
#[cfg(feature = "checks")]
pub mod checks;
pub mod class;
#[cfg(feature = "checks")]
mod compare;
pub mod conv2d;
pub mod diff_augment;
pub mod downsample;
pub mod dropout;
pub(crate) mod host;
mod imports;
pub mod launch;
pub mod launches;
pub mod leaky_relu;
pub mod linear;
pub mod losses;
mod numbers;
pub mod overwrite;
pub mod pack;
pub mod parcel;
pub mod projection;
pub mod recording;
pub mod self_label;
pub mod shader;
mod shares;
pub mod spectral_norm;
pub mod tanh;
pub mod upload;
mod variants;
mod view;

pub use variants::variants;
