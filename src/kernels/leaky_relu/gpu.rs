//! Leaky ReLU on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps};
use crate::kernels::shader::{Shader, shader};

impl LeakyReluOps for CubeBackend {
    fn leaky_relu(x: CubeTensor, launch: Launch) -> CubeTensor {
        let x = into_contiguous(x);
        let count = x.shape().num_elements();
        let y = launch.output(&x, x.shape());
        forward_shader(count).launch(launch.by_fours(count), &[&x, &y], &[]);
        y
    }

    fn behind_leaky_relu(values: CubeTensor, _launch: Launch) -> CubeTensor {
        values
    }
}

impl LeakyReluGradients for CubeBackend {
    fn leaky_relu_gradient(x: CubeTensor, gradient: CubeTensor, launch: Launch) -> CubeTensor {
        let [x, gradient] = [x, gradient].map(into_contiguous);
        let count = x.shape().num_elements();
        let x_gradient = launch.output(&x, x.shape());
        gradient_shader(count).launch(launch.by_fours(count), &[&x, &gradient, &x_gradient], &[]);
        x_gradient
    }
}

/// Kernels for one element, a workgroup's share, one more, and a large layer.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 1 << 20].into_iter().flat_map(|count| [forward_shader(count), gradient_shader(count)]).collect()
}

fn forward_shader(count: usize) -> Shader {
    shader!("leaky_relu").with(&[("COUNT", count)])
}

fn gradient_shader(count: usize) -> Shader {
    shader!("leaky_relu_gradient").with(&[("COUNT", count)])
}
