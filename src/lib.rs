//! GAN training at any level of labelling, with labels that the networks make for themselves.
//!
//! This is the portable core. It computes, and emits typed events that say what happened. It must run in a browser, so
//! it touches no files, clocks, threads or consoles, and never blocks.

pub mod config;
pub mod data;
pub mod eval;
pub mod image;
pub mod kernels;
pub mod labels;
pub mod metrics;
pub mod nn;
pub mod onnx;
#[cfg(feature = "checks")]
pub mod repro;
pub mod rng;
pub mod train;

/// The version of the library, as runs and checkpoints record it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
