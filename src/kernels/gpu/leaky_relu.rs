//! Leaky ReLU on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::grid::by_fours;
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps};
use crate::kernels::shader::{Shader, output, shader};

impl LeakyReluOps for CubeBackend {
    fn leak(x: CubeTensor) -> CubeTensor {
        let x = into_contiguous(x);
        let count = x.shape().num_elements();
        let y = output(&x, x.shape());
        leak_shader(count).launch(by_fours(count), &[&x, &y], &[]);
        y
    }
}

impl LeakyReluGradients for CubeBackend {
    fn leak_gradient(x: CubeTensor, gradient: CubeTensor) -> CubeTensor {
        let [x, gradient] = [x, gradient].map(into_contiguous);
        let count = x.shape().num_elements();
        let x_gradient = output(&x, x.shape());
        gradient_shader(count).launch(by_fours(count), &[&x, &gradient, &x_gradient], &[]);
        x_gradient
    }
}

/// Kernels of one element, of a workgroup's worth, one more, and a large layer.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 1 << 20].into_iter().flat_map(|count| [leak_shader(count), gradient_shader(count)]).collect()
}

fn leak_shader(count: usize) -> Shader {
    shader!("leaky_relu").with(&[("COUNT", count)])
}

fn gradient_shader(count: usize) -> Shader {
    shader!("leaky_relu_gradient").with(&[("COUNT", count)])
}
