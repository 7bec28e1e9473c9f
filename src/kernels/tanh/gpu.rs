//! The hyperbolic tangent on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::tanh::{TanhGradients, TanhOps};

impl TanhOps for CubeBackend {
    fn tanh(x: CubeTensor, launch: Launch) -> CubeTensor {
        let x = into_contiguous(x);
        let count = x.shape().num_elements();
        let y = launch.output(&x, x.shape());
        launch.kernel(tanh_shader(count)).launch(launch.by_fours(count), &[&x, &y], &[]);
        y
    }
}

impl TanhGradients for CubeBackend {
    fn tanh_gradient(y: CubeTensor, gradient: CubeTensor, launch: Launch) -> CubeTensor {
        let [y, gradient] = [y, gradient].map(into_contiguous);
        let count = y.shape().num_elements();
        let x_gradient = launch.output(&y, y.shape());
        launch.kernel(gradient_shader(count)).launch(launch.by_fours(count), &[&y, &gradient, &x_gradient], &[]);
        x_gradient
    }
}

/// Kernels for one element, a workgroup's share, one more, and a batch of images.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 64 * 3 * 32 * 32].into_iter().flat_map(|count| [tanh_shader(count), gradient_shader(count)]).collect()
}

fn tanh_shader(count: usize) -> Shader {
    shader!("tanh").with(&[("COUNT", count)])
}

fn gradient_shader(count: usize) -> Shader {
    shader!("tanh_gradient").with(&[("COUNT", count)])
}
