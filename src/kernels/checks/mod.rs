//! What the kernels are checked against, on any device: float64 in plain loops, from the definitions.
//!
//! The checks are async, so that a test, a browser and `slgan devices --check` run the same ones. They fill the memory that
//! a kernel writes with a bad value first, so that an element left out shows.

mod activation;
mod adam;
mod add_enlarged;
mod batch;
mod batch_norm;
mod compare;
mod conv2d;
mod diff_augment;
mod leaky_relu;
mod linear;
mod losses;
mod self_label;
mod spectral_norm;
mod tanh;

pub use compare::Outcome;

use burn::tensor::Device;
use compare::Target;

use super::launch::Launch;

/// Checks every operation on a device.
pub async fn run(device: &Device) -> Vec<Outcome> {
    run_on(&Target { device: device.clone(), launch: Launch::poisoned() }).await
}

/// As [`run`], with grids of many rows, which otherwise only tensors of many millions of elements have. The bits of the
/// results are the same.
pub async fn run_on_narrow_grids(device: &Device) -> Vec<Outcome> {
    run_on(&Target { device: device.clone(), launch: Launch::narrow() }).await
}

async fn run_on(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    outcomes.extend(adam::check(target).await);
    outcomes.extend(add_enlarged::check(target).await);
    outcomes.extend(batch::check(target).await);
    outcomes.extend(batch_norm::check(target).await);
    outcomes.extend(conv2d::check(target).await);
    outcomes.extend(diff_augment::check(target).await);
    outcomes.extend(leaky_relu::check(target).await);
    outcomes.extend(linear::check(target).await);
    outcomes.extend(losses::check(target).await);
    outcomes.extend(self_label::check(target).await);
    outcomes.extend(spectral_norm::check(target).await);
    outcomes.extend(tanh::check(target).await);
    outcomes
}
