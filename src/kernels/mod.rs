//! Operations that the training step spends its time in, each behind a function of its own.
//!
//! They are composed of stock tensor operations. Callers know only shapes and meaning, so an implementation can change
//! without a change elsewhere. Reductions run along axes, never over a whole tensor: that sum uses float atomics on some
//! adapters, and its bits would depend on scheduling.

pub mod adam;
pub mod average;
pub mod batch;
pub mod batch_norm;
pub mod conv2d;
pub mod diff_augment;
pub mod losses;
pub mod self_label;
pub mod spectral_norm;
pub mod upsample;
