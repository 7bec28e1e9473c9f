//! What the kernels are checked against, on any device: float64 in plain loops, from the definitions.
//!
//! The checks are async, so that a test, a browser and whoever doubts an adapter run the same ones. While they run, the
//! memory that a kernel is to write is filled with a bad value first, so that nothing left out goes unnoticed.

mod activations;
mod adam;
mod add_enlarged;
mod batch;
mod batch_norm;
mod compare;
mod conv2d;
mod diff_augment;
mod linear;
mod losses;
mod self_label;
mod spectral_norm;

pub use compare::Outcome;

use burn::tensor::Device;

use super::shader::trial;

/// Checks every kernel on a device.
pub async fn run(device: &Device) -> Vec<Outcome> {
    let _poison = trial::POISON.on();
    let mut outcomes = Vec::new();
    outcomes.extend(activations::check(device).await);
    outcomes.extend(adam::check(device).await);
    outcomes.extend(add_enlarged::check(device).await);
    outcomes.extend(batch::check(device).await);
    outcomes.extend(batch_norm::check(device).await);
    outcomes.extend(conv2d::check(device).await);
    outcomes.extend(diff_augment::check(device).await);
    outcomes.extend(linear::check(device).await);
    outcomes.extend(losses::check(device).await);
    outcomes.extend(self_label::check(device).await);
    outcomes.extend(spectral_norm::check(device).await);
    outcomes
}

/// As [`run`], with grids of many rows, which otherwise only tensors of many millions of elements have. The bits of the
/// results are the same.
pub async fn run_on_narrow_grids(device: &Device) -> Vec<Outcome> {
    let _narrow = trial::NARROW.on();
    run(device).await
}
