//! What the kernels are checked against, on any device: float64 in plain loops, from the definitions.
//!
//! The checks are async, so that a test, a browser and whoever doubts an adapter run the same ones. While they run, the
//! memory that a kernel is to write is filled with a bad value first, so that nothing left out goes unnoticed.

mod compare;
mod conv2d;

pub use compare::Outcome;

use burn::tensor::Device;

use super::shader::poison;

/// Checks every kernel on a device.
pub async fn run(device: &Device) -> Vec<Outcome> {
    poison::set(true);
    let mut outcomes = Vec::new();
    outcomes.extend(conv2d::check(device).await);
    poison::set(false);
    outcomes
}
