//! The sum of an image and an enlarged one on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

impl AddEnlargedOps for CubeBackend {
    fn add_enlarged(h: CubeTensor, s: CubeTensor, launch: Launch) -> CubeTensor {
        let dims @ [batch, channels, height, width] = s.shape().dims();
        let enlarged = [batch, channels, 2 * height, 2 * width];
        assert_eq!(h.shape().dims::<4>(), enlarged, "add_enlarged: h is twice as large as s");
        let [h, s] = [h, s].map(into_contiguous);
        let y = launch.output(&h, h.shape());
        add_shader(dims).launch(launch.elementwise(dims.iter().product()), &[&h, &s, &y], &[]);
        y
    }
}

impl AddEnlargedGradients for CubeBackend {
    fn enlarged_gradient(gradient: CubeTensor, launch: Launch) -> CubeTensor {
        let [batch, channels, height, width] = gradient.shape().dims();
        let dims = [batch, channels, height / 2, width / 2];
        let gradient = into_contiguous(gradient);
        let s_gradient = launch.output(&gradient, dims);
        gradient_shader(dims).launch(launch.elementwise(dims.iter().product()), &[&gradient, &s_gradient], &[]);
        s_gradient
    }
}

/// Kernels for one pixel, an odd width, and the presets.
pub fn variants() -> Vec<Shader> {
    [[1, 1, 1, 1], [3, 5, 7, 3], [64, 32, 16, 16], [64, 256, 16, 16]]
        .into_iter()
        .flat_map(|dims| [add_shader(dims), gradient_shader(dims)])
        .collect()
}

fn add_shader(dims: [usize; 4]) -> Shader {
    sized(shader!("add_enlarged"), dims)
}

fn gradient_shader(dims: [usize; 4]) -> Shader {
    sized(shader!("add_enlarged_gradient"), dims)
}

fn sized(shader: Shader, dims: [usize; 4]) -> Shader {
    shader.with(&[("COUNT", dims.iter().product()), ("WIDTH", dims[3])])
}
