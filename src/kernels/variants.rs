//! The registry of kernels: every operation lists the shaders that it launches, with typical constants.

use std::collections::BTreeSet;

use super::class::DeviceClass;
use super::launch::Launch;
use super::shader::Shader;
use super::{
    adam, add_enlarged, batch, batch_norm, conv2d, diff_augment, dropout, leaky_relu, losses, overwrite, pack,
    projection, self_label, spectral_norm, tanh,
};

/// Every kernel with typical constants, for tools that validate all kernels. Strict arithmetic changes what a kernel
/// computes with, not its shape, so one strict variant of each has to do.
pub fn variants() -> Vec<Shader> {
    let plain = [
        adam::gpu::variants(),
        add_enlarged::gpu::variants(),
        batch::gpu::variants(),
        batch_norm::gpu::variants(),
        conv2d::gpu::variants(),
        diff_augment::gpu::variants(),
        dropout::gpu::variants(),
        leaky_relu::gpu::variants(),
        losses::gpu::variants(),
        overwrite::gpu::variants(),
        pack::gpu::variants(),
        projection::gpu::variants(),
        self_label::gpu::variants(),
        spectral_norm::gpu::variants(),
        tanh::gpu::variants(),
    ]
    .concat();
    let mut names = BTreeSet::new();
    let first = |shader: &&Shader| shader.has_constant("STRICT") && names.insert(shader.name().to_owned());
    let strict: Vec<Shader> = plain.iter().filter(first).map(launched).collect();
    [plain, strict].concat()
}

/// A kernel in strict arithmetic.
fn launched(shader: &Shader) -> Shader {
    Launch::of(DeviceClass::Strict).kernel(shader.clone())
}
