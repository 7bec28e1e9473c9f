//! Spectral normalisation on the GPU.
//!
//! A matrix may have any shape: its rows are the elements of its first axis.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::spectral_norm::{PowerIterationOps, SpectralNormGradients, SpectralNormOps};

/// Most workgroups that share a matrix. Each first sums over the whole matrix, so more would cost a software adapter
/// more than they save.
const MOST_WORKGROUPS: usize = 2;

/// Elements per workgroup.
const SHARE: usize = 16_384;

impl PowerIterationOps for CubeBackend {
    fn power_iteration(matrix: CubeTensor, u: CubeTensor, launch: Launch) -> (CubeTensor, CubeTensor) {
        let [matrix, u] = [matrix, u].map(into_contiguous);
        let dims = dims(&matrix);
        let [left, right] = dims.map(|length| launch.output(&matrix, [length]));
        iterate_shader(dims).launch([1, 1, 1], &[&matrix, &u, &left, &right], &[]);
        (left, right)
    }
}

impl SpectralNormOps for CubeBackend {
    fn spectral_norm(matrix: CubeTensor, u: CubeTensor, v: CubeTensor, launch: Launch) -> CubeTensor {
        let [scaled, _] = Self::scale(matrix, u, v, launch);
        scaled
    }
}

impl SpectralNormGradients for CubeBackend {
    fn scale(matrix: CubeTensor, u: CubeTensor, v: CubeTensor, launch: Launch) -> [CubeTensor; 2] {
        let [matrix, u, v] = [matrix, u, v].map(into_contiguous);
        let dims = dims(&matrix);
        let scaled = launch.output(&matrix, matrix.shape());
        let sigma = launch.output(&matrix, [1]);
        scale_shader(dims).launch(workgroups(dims), &[&matrix, &u, &v, &scaled, &sigma], &[]);
        [scaled, sigma]
    }

    fn matrix_gradient(
        matrix: CubeTensor,
        u: CubeTensor,
        v: CubeTensor,
        sigma: CubeTensor,
        scaled_gradient: CubeTensor,
        launch: Launch,
    ) -> CubeTensor {
        let [matrix, u, v, sigma, scaled_gradient] = [matrix, u, v, sigma, scaled_gradient].map(into_contiguous);
        let dims = dims(&matrix);
        let gradient = launch.output(&matrix, matrix.shape());
        let buffers = [&matrix, &u, &v, &sigma, &scaled_gradient, &gradient];
        gradient_shader(dims).launch(workgroups(dims), &buffers, &[]);
        gradient
    }
}

/// Kernels for one element, less than a workgroup, ragged sizes, and the largest layer.
pub fn variants() -> Vec<Shader> {
    [[1, 1], [16, 27], [10, 129], [256, 2_304]]
        .into_iter()
        .flat_map(|dims| [iterate_shader(dims), scale_shader(dims), gradient_shader(dims)])
        .collect()
}

/// Rows and columns.
fn dims(matrix: &CubeTensor) -> [usize; 2] {
    let shape = matrix.shape();
    let rows = shape[0];
    [rows, shape.num_elements() / rows]
}

fn workgroups([rows, columns]: [usize; 2]) -> [usize; 3] {
    [(rows * columns).div_ceil(SHARE).clamp(1, MOST_WORKGROUPS), 1, 1]
}

fn iterate_shader(dims: [usize; 2]) -> Shader {
    sized(shader!("spectral_norm_iterate"), dims)
}

fn scale_shader(dims: [usize; 2]) -> Shader {
    sized(shader!("spectral_norm_scale"), dims)
}

fn gradient_shader(dims: [usize; 2]) -> Shader {
    sized(shader!("spectral_norm_gradient"), dims)
}

fn sized(shader: Shader, [rows, columns]: [usize; 2]) -> Shader {
    shader.with(&[("ROWS", rows), ("COLUMNS", columns)])
}
