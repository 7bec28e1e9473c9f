//! The binding of a bias.

use burn_wgpu::CubeTensor;

use crate::kernels::launch::Launch;

/// The bias, or what stands in for one that is not read. That is new memory: browsers refuse to bind a buffer twice if
/// a kernel might write it.
pub fn bound(bias: Option<&CubeTensor>, like: &CubeTensor, launch: Launch) -> CubeTensor {
    bias.cloned().unwrap_or_else(|| launch.output(like, [1]))
}
