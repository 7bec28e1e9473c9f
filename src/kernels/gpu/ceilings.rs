//! Multiply-adds and copies on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::adam::writable;
use crate::kernels::ceilings::{CeilingOps, MULTIPLY_ADDS};
use crate::kernels::shader::{Shader, elementwise, output, shader};

/// Invocations of the loop, and multiply-adds of one of its rounds.
const INVOCATIONS: usize = 1 << 15;
const OF_A_ROUND: usize = 64;

impl CeilingOps for CubeBackend {
    fn multiply_adds(like: CubeTensor) -> CubeTensor {
        let sums = output(&like, [INVOCATIONS]);
        compute_shader().launch(elementwise(INVOCATIONS), &[&sums], &[]);
        sums
    }

    fn copy(x: CubeTensor, target: CubeTensor) -> CubeTensor {
        let (x, target) = (into_contiguous(x), writable(target));
        let count = x.shape().num_elements();
        copy_shader(count).launch(elementwise(count / 4), &[&x, &target], &[]);
        target
    }
}

/// The kernels as they are launched.
pub fn variants() -> Vec<Shader> {
    vec![compute_shader(), copy_shader(1 << 24)]
}

fn compute_shader() -> Shader {
    shader!("ceiling_compute").with(&[("ROUNDS", MULTIPLY_ADDS / INVOCATIONS / OF_A_ROUND)])
}

fn copy_shader(count: usize) -> Shader {
    shader!("ceiling_copy").with(&[("COUNT", count)])
}
