//! The kernels in tiles that a workgroup shares: for GPUs.

use burn_wgpu::CubeTensor;

use super::geometry::Geometry;
use super::plan::{Tiling, WeightTiling, weight_tiles};
use super::{bias, simple};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

pub fn forward_shader(geometry: &Geometry, tiling: Tiling, has_bias: bool) -> Shader {
    tiled(shader!("conv2d_tiled_forward"), geometry, tiling, has_bias)
}

pub fn forward(
    geometry: &Geometry,
    tiling: Tiling,
    [x, weight]: [&CubeTensor; 2],
    bias: Option<&CubeTensor>,
    launch: Launch,
) -> CubeTensor {
    let dims = geometry.y_dims();
    let sums = partial(x, dims, tiling, launch);
    let grid = grid([geometry.outputs, geometry.pixels()], 1, tiling, launch);
    let shader = forward_shader(geometry, tiling, bias.is_some());
    shader.launch(grid, &[x, weight, &bias::bound(bias, x, launch), &sums], &[]);
    added(sums, dims, tiling, launch)
}

pub fn input_gradient_shader(geometry: &Geometry, tiling: Tiling, has_bias: bool) -> Shader {
    tiled(shader!("conv2d_tiled_input_gradient"), geometry, tiling, has_bias)
}

pub fn input_gradient(
    geometry: &Geometry,
    tiling: Tiling,
    [y, weight]: [&CubeTensor; 2],
    bias: Option<&CubeTensor>,
    launch: Launch,
) -> CubeTensor {
    let dims = geometry.x_dims();
    let sums = partial(y, dims, tiling, launch);
    let grid = grid([geometry.inputs, geometry.phase_pixels()], geometry.phases(), tiling, launch);
    let shader = input_gradient_shader(geometry, tiling, bias.is_some());
    shader.launch(grid, &[y, weight, &bias::bound(bias, y, launch), &sums], &[]);
    added(sums, dims, tiling, launch)
}

/// The weights lie as parameters do: `[outputs, inputs, taps]`.
fn tiled(shader: Shader, geometry: &Geometry, tiling: Tiling, has_bias: bool) -> Shader {
    let Tiling { tile, block, depth, slices } = tiling;
    geometry.sized(shader).with(&[
        ("BIAS", usize::from(has_bias)),
        ("SLICES", slices),
        ("W_OUTPUT", geometry.inputs * geometry.taps()),
        ("W_INPUT", geometry.taps()),
        ("W_TAP", 1),
        ("TILE_M", tile[0]),
        ("TILE_N", tile[1]),
        ("TILE_K", depth),
        ("BLOCK_M", block[0]),
        ("BLOCK_N", block[1]),
    ])
}

/// Tiles along x and y, phases and shares along z.
fn grid([rows, columns]: [usize; 2], phases: usize, tiling: Tiling, launch: Launch) -> [usize; 3] {
    let [x, y] = launch.spread(rows.div_ceil(tiling.tile[0]) * columns.div_ceil(tiling.tile[1]));
    [x, y, phases * tiling.slices]
}

/// Memory for the sums of each share; those of a single share are the result.
fn partial(
    like: &CubeTensor,
    [batch, channels, height, width]: [usize; 4],
    tiling: Tiling,
    launch: Launch,
) -> CubeTensor {
    launch.output(like, [tiling.slices * batch, channels, height, width])
}

pub fn sum_shader(dims: [usize; 4], slices: usize) -> Shader {
    shader!("conv2d_tiled_sum").with(&[("SLICES", slices), ("COUNT", dims.iter().product())])
}

/// Adds up the shares.
fn added(sums: CubeTensor, dims: [usize; 4], tiling: Tiling, launch: Launch) -> CubeTensor {
    if tiling.slices == 1 {
        return sums;
    }
    let result = launch.output(&sums, dims);
    let grid = launch.elementwise(dims.iter().product());
    sum_shader(dims, tiling.slices).launch(grid, &[&sums, &result], &[]);
    result
}

pub fn weight_gradient_shader(geometry: &Geometry, tiling: WeightTiling) -> Shader {
    let WeightTiling { tile, own, depth, slices } = tiling;
    geometry.sized(shader!("conv2d_tiled_weight_gradient")).with(&[
        ("SLICES", slices),
        ("TILE_M", tile[0]),
        ("TILE_N", tile[1]),
        ("OWN_N", own),
        ("DEPTH", depth),
    ])
}

/// The gradients of the weights and of the bias.
pub fn parameter_gradients(
    geometry: &Geometry,
    tiling: WeightTiling,
    [x, y]: [&CubeTensor; 2],
    launch: Launch,
) -> [CubeTensor; 2] {
    let sums = launch.output(x, [tiling.slices, geometry.outputs, geometry.columns()]);
    let [columns, rows] = launch.spread(weight_tiles(geometry, tiling.tile) * tiling.slices);
    weight_gradient_shader(geometry, tiling).launch([columns, rows, 1], &[x, y, &sums], &[]);
    simple::weight_sum(geometry, &sums, tiling.slices, launch)
}
