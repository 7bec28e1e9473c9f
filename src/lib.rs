//! GAN training at any level of labelling, with labels that the networks make for themselves.
//!
//! This is the portable core: it computes, and tells its shell what happened by typed events. It touches no files,
//! clocks, threads or consoles, and never blocks, because it must run in a browser as well.

pub mod config;
pub mod data;
pub mod image;
pub mod kernels;
pub mod labels;
pub mod metrics;
pub mod nn;
pub mod rng;
pub mod train;

/// The version of the library, as runs and checkpoints record it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
