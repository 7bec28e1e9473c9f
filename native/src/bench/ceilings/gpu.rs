//! Multiply-adds and copies on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};
use slgan::kernels::launch::Launch;
use slgan::kernels::shader::Shader;

use super::ops::{COPIED, CeilingOps, MULTIPLY_ADDS};

/// Invocations of the kernel, enough to fill a large GPU, and multiply-adds per round of its loop.
const INVOCATIONS: usize = 1 << 19;
const PER_ROUND: usize = 64;

/// Numbers that each invocation copies.
const PER_INVOCATION: usize = 4;

impl CeilingOps for CubeBackend {
    fn multiply_adds(like: CubeTensor, times: usize) -> CubeTensor {
        let launch = Launch::default();
        let sums = launch.output(&like, [INVOCATIONS]);
        compute_shader(times).launch(launch.elementwise(INVOCATIONS), &[&sums], &[]);
        sums
    }

    fn copy(x: CubeTensor, target: CubeTensor) -> CubeTensor {
        let (x, target) = (into_contiguous(x), into_contiguous(target));
        let target = if target.can_mut() { target } else { target.copy() };
        let count = x.shape().num_elements();
        copy_shader(count).launch(Launch::default().elementwise(count / PER_INVOCATION), &[&x, &target], &[]);
        target
    }
}

/// The kernels with the constants of their launches.
pub fn variants() -> Vec<Shader> {
    vec![compute_shader(1), copy_shader(COPIED)]
}

fn compute_shader(times: usize) -> Shader {
    let source = include_str!("../../../../shaders/ceilings_compute.wgsl");
    Shader::new("ceilings_compute", source).with(&[("ROUNDS", times * (MULTIPLY_ADDS / INVOCATIONS / PER_ROUND))])
}

fn copy_shader(count: usize) -> Shader {
    Shader::new("ceilings_copy", include_str!("../../../../shaders/ceilings_copy.wgsl")).with(&[("COUNT", count)])
}
