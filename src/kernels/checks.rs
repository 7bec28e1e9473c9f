//! Checks of every kernel on any device, against float64 in plain loops, written from the definitions.
//!
//! The checks are async, so that tests, browsers and `slgan devices --check` run the same ones. They fill the memory
//! for results with a bad value first, so that an element that a kernel does not write shows. Operations whose kernels
//! depend on the class of the device are checked with those of every class, on any GPU.

pub use super::compare::Outcome;

use burn::tensor::Device;

use super::class::DeviceClass;
use super::compare::Target;
use super::launch::Launch;
use super::{
    adam, add_enlarged, batch, batch_norm, bounds, conv2d, diff_augment, leaky_relu, linear, losses, pack, projection,
    self_label, spectral_norm, tanh,
};

/// Batches and statistics have one set of kernels for software, and one for all GPUs.
const SOFTWARE_AND_GPU: [DeviceClass; 2] = [DeviceClass::Software, DeviceClass::Discrete];

/// Checks every operation on a device.
pub async fn run(device: &Device) -> Vec<Outcome> {
    run_on(&Target { device: device.clone(), launch: Launch::poisoned() }).await
}

/// Like [`run`], with grids of many rows, which otherwise only tensors of many millions of elements have. The results
/// must have the same bits.
pub async fn run_on_narrow_grids(device: &Device) -> Vec<Outcome> {
    run_on(&Target { device: device.clone(), launch: Launch::narrow() }).await
}

/// Like [`run`], with bounds checks in every kernel, which otherwise only browsers have. The results may differ by
/// rounding, because compilers treat loops with bounds otherwise.
pub async fn run_with_bounds_checks(device: &Device) -> Vec<Outcome> {
    bounds::checked(run(device)).await
}

async fn run_on(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    outcomes.extend(adam::check::check(target).await);
    outcomes.extend(add_enlarged::check::check(target).await);
    for target in target.for_classes(&SOFTWARE_AND_GPU) {
        outcomes.extend(batch::check::check(&target).await);
        outcomes.extend(batch_norm::check::check(&target).await);
    }
    outcomes.extend(conv2d::check::check(target).await);
    outcomes.extend(conv2d::check::check_parts(target).await);
    outcomes.extend(diff_augment::check::check(target).await);
    outcomes.extend(leaky_relu::check::check(target).await);
    outcomes.extend(linear::check::check(target).await);
    outcomes.extend(losses::check::check(target).await);
    outcomes.extend(pack::check::check(target).await);
    outcomes.extend(projection::check::check(target).await);
    outcomes.extend(self_label::check::check(target).await);
    outcomes.extend(spectral_norm::check::check(target).await);
    outcomes.extend(tanh::check::check(target).await);
    outcomes
}
