//! The hyperbolic tangent on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::ops::FloatTensorOps;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::grid::by_fours;
use crate::kernels::shader::{Shader, output, shader};
use crate::kernels::tanh::{TanhGradients, TanhOps};

impl TanhOps for CubeBackend {
    /// Stock: it is one dispatch already.
    fn bounded(x: CubeTensor) -> CubeTensor {
        Self::float_tanh(x)
    }
}

impl TanhGradients for CubeBackend {
    fn bounded_gradient(y: CubeTensor, gradient: CubeTensor) -> CubeTensor {
        let [y, gradient] = [y, gradient].map(into_contiguous);
        let count = y.shape().num_elements();
        let x_gradient = output(&y, y.shape());
        gradient_shader(count).launch(by_fours(count), &[&y, &gradient, &x_gradient], &[]);
        x_gradient
    }
}

/// Kernels of one element, of a workgroup's worth, one more, and a batch of images.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 64 * 3 * 32 * 32].map(gradient_shader).into()
}

fn gradient_shader(count: usize) -> Shader {
    shader!("tanh_gradient").with(&[("COUNT", count)])
}
