//! Spectral normalisation on the GPU. Each launch takes all matrices: z of the grid counts them.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::{Launch, writable};
use crate::kernels::shader::{Shader, shader};
use crate::kernels::spectral_norm::{Matrices, Operands, SpectralNormOps};

/// Rows of a workgroup.
const ROWS: usize = 8;

/// Columns of a workgroup that takes columns.
const COLUMNS: usize = 64;

impl SpectralNormOps for CubeBackend {
    fn power_iteration(
        weights: CubeTensor,
        lefts: CubeTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> (CubeTensor, CubeTensor) {
        let [weights, lefts] = [weights, lefts].map(into_contiguous);
        let [left, right] =
            [matrices.lefts(), matrices.rights()].map(|places| launch.output(&weights, [places.total()]));
        let count = matrices.list().len();
        let by_columns = grid(most(matrices, |matrix| matrix.columns.div_ceil(COLUMNS)), count, launch);
        let by_rows = grid(blocks(matrices), count, launch);
        let table = table(matrices);
        launch.kernel(columns_shader(matrices)).launch_with_table(by_columns, &[&weights, &lefts, &right], &table);
        launch.kernel(rows_shader(matrices)).launch_with_table(by_rows, &[&weights, &left, &right], &table);
        launch.kernel(unit_shader(matrices)).launch_with_table([1, 1, 2 * count], &[&left, &right], &table);
        (left, right)
    }

    fn spectral_norm(
        weights: CubeTensor,
        left: CubeTensor,
        right: CubeTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> (CubeTensor, CubeTensor) {
        let [weights, left, right] = [weights, left, right].map(into_contiguous);
        let count = matrices.list().len();
        let sums = launch.output(&weights, [count * blocks(matrices)]);
        let scaled = launch.output(&weights, weights.shape());
        let sigmas = launch.output(&weights, [count]);
        let (groups, table) = (grid(blocks(matrices), count, launch), table(matrices));
        launch.kernel(sigma_shader(matrices)).launch_with_table(groups, &[&weights, &left, &right, &sums], &table);
        launch.kernel(scale_shader(matrices)).launch_with_table(groups, &[&weights, &sums, &scaled, &sigmas], &table);
        (scaled, sigmas)
    }

    /// Overwrites the gradients; copies them first if someone else holds them.
    fn weight_gradients(
        operands: Operands<Self>,
        gradients: CubeTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> CubeTensor {
        let Operands { weights, left, right, sigmas } = operands;
        let [weights, left, right, sigmas] = [weights, left, right, sigmas].map(into_contiguous);
        let gradients = writable(gradients);
        let count = matrices.list().len();
        let sums = launch.output(&weights, [count * blocks(matrices)]);
        let (groups, table) = (grid(blocks(matrices), count, launch), table(matrices));
        launch.kernel(product_shader(matrices)).launch_with_table(groups, &[&weights, &gradients, &sums], &table);
        launch.kernel(gradient_shader(matrices)).launch_with_table(
            groups,
            &[&left, &right, &sigmas, &sums, &gradients],
            &table,
        );
        gradients
    }
}

/// Kernels for one element, and for a network.
pub fn variants() -> Vec<Shader> {
    let one = Matrices::new(&[(0, vec![1, 1])]);
    let several = Matrices::new(&[(0, vec![16, 3, 3, 3]), (448, vec![256, 256, 3, 3]), (590_400, vec![10, 129])]);
    let shaders =
        [columns_shader, rows_shader, unit_shader, sigma_shader, scale_shader, product_shader, gradient_shader];
    [one, several].iter().flat_map(|matrices| shaders.map(|shader| shader(matrices))).collect()
}

/// The largest number of workgroups that a matrix needs.
fn most(matrices: &Matrices, workgroups: impl Fn(&super::Matrix) -> usize) -> usize {
    matrices.list().iter().map(workgroups).max().unwrap_or(1)
}

/// The largest number of workgroups that the rows of a matrix need.
fn blocks(matrices: &Matrices) -> usize {
    most(matrices, |matrix| matrix.rows.div_ceil(ROWS))
}

/// A grid with so many workgroups for each matrix. Those that a smaller matrix does not need return at once.
fn grid(workgroups: usize, matrices: usize, launch: Launch) -> [usize; 3] {
    let [x, y] = launch.spread(workgroups);
    [x, y, matrices]
}

/// Two entries of four words for each matrix.
fn table(matrices: &Matrices) -> Vec<u32> {
    let entries = matrices
        .list()
        .iter()
        .flat_map(|matrix| [matrix.first, matrix.rows, matrix.columns, matrix.left, matrix.right, 0, 0, 0]);
    entries.map(|number| u32::try_from(number).expect("a place in a buffer fits into 32 bits")).collect()
}

fn columns_shader(matrices: &Matrices) -> Shader {
    counted(shader!("spectral_norm_columns"), matrices)
}

fn rows_shader(matrices: &Matrices) -> Shader {
    counted(shader!("spectral_norm_rows"), matrices)
}

fn unit_shader(matrices: &Matrices) -> Shader {
    counted(shader!("spectral_norm_unit"), matrices)
}

fn sigma_shader(matrices: &Matrices) -> Shader {
    in_blocks(shader!("spectral_norm_sigma"), matrices)
}

fn scale_shader(matrices: &Matrices) -> Shader {
    in_blocks(shader!("spectral_norm_scale"), matrices)
}

fn product_shader(matrices: &Matrices) -> Shader {
    in_blocks(shader!("spectral_norm_product"), matrices)
}

fn gradient_shader(matrices: &Matrices) -> Shader {
    in_blocks(shader!("spectral_norm_gradient"), matrices)
}

fn counted(shader: Shader, matrices: &Matrices) -> Shader {
    shader.with(&[("MATRICES", matrices.list().len())])
}

fn in_blocks(shader: Shader, matrices: &Matrices) -> Shader {
    counted(shader, matrices).with(&[("BLOCKS", blocks(matrices))])
}
