//! The sum of an image and an enlarged one on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps, Enlargement};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

impl AddEnlargedOps for CubeBackend {
    fn add_enlarged(h: CubeTensor, s: CubeTensor, enlargement: Enlargement, launch: Launch) -> CubeTensor {
        let dims @ [batch, channels, height, width] = s.shape().dims();
        let enlarged = [batch, channels, 2 * height, 2 * width];
        assert_eq!(h.shape().dims::<4>(), enlarged, "add_enlarged: h is twice as large as s");
        let [h, s] = [h, s].map(into_contiguous);
        let y = launch.output(&h, h.shape());
        kernel(add_shader(dims, enlargement), enlargement, launch).launch(
            grid(dims, enlargement, launch),
            &[&h, &s, &y],
            &[],
        );
        y
    }
}

impl AddEnlargedGradients for CubeBackend {
    fn enlarged_gradient(gradient: CubeTensor, enlargement: Enlargement, launch: Launch) -> CubeTensor {
        let [batch, channels, height, width] = gradient.shape().dims();
        let dims = [batch, channels, height / 2, width / 2];
        let gradient = into_contiguous(gradient);
        let s_gradient = launch.output(&gradient, dims);
        kernel(gradient_shader(dims, enlargement), enlargement, launch).launch(
            grid(dims, enlargement, launch),
            &[&gradient, &s_gradient],
            &[],
        );
        s_gradient
    }
}

/// Most pixels of a column that an invocation of the bilinear kernels takes. With more, a GPU would have too few
/// invocations.
const MOST_ROWS: usize = 4;

/// Kernels for one pixel, an odd width, and the presets, at heights that four, two and no rows divide.
pub fn variants() -> Vec<Shader> {
    [[1, 1, 1, 1], [3, 5, 7, 3], [64, 32, 14, 14], [64, 32, 16, 16], [64, 256, 16, 16]]
        .into_iter()
        .flat_map(|dims| [Enlargement::Nearest, Enlargement::Bilinear].map(|enlargement| (dims, enlargement)))
        .flat_map(|(dims, enlargement)| [add_shader(dims, enlargement), gradient_shader(dims, enlargement)])
        .collect()
}

fn add_shader(dims: [usize; 4], enlargement: Enlargement) -> Shader {
    match enlargement {
        Enlargement::Nearest => sized(shader!("add_enlarged"), dims),
        Enlargement::Bilinear => in_columns(shader!("add_enlarged_bilinear"), dims),
    }
}

fn gradient_shader(dims: [usize; 4], enlargement: Enlargement) -> Shader {
    match enlargement {
        Enlargement::Nearest => sized(shader!("add_enlarged_gradient"), dims),
        Enlargement::Bilinear => in_columns(shader!("add_enlarged_bilinear_gradient"), dims),
    }
}

/// A kernel in the arithmetic of a launch. Squares take only sums, which are the same everywhere.
fn kernel(shader: Shader, enlargement: Enlargement, launch: Launch) -> Shader {
    if enlargement == Enlargement::Bilinear { launch.kernel(shader) } else { shader }
}

fn sized(shader: Shader, dims: [usize; 4]) -> Shader {
    shader.with(&[("COUNT", dims.iter().product()), ("WIDTH", dims[3])])
}

fn in_columns(shader: Shader, dims: [usize; 4]) -> Shader {
    sized(shader, dims).with(&[("HEIGHT", dims[2]), ("ROWS", rows(dims))])
}

/// How many pixels of a column an invocation of the bilinear kernels takes: a power of two that divides the height.
fn rows(dims: [usize; 4]) -> usize {
    1 << dims[2].trailing_zeros().min(MOST_ROWS.ilog2())
}

fn grid(dims: [usize; 4], enlargement: Enlargement, launch: Launch) -> [usize; 3] {
    let share = match enlargement {
        Enlargement::Nearest => 1,
        Enlargement::Bilinear => rows(dims),
    };
    launch.elementwise(dims.iter().product::<usize>() / share)
}
