//! The kernels in tiles that a workgroup shares: for GPUs.

use burn_wgpu::CubeTensor;

use super::finish::{Constants, Epilogue, Finish};
use super::geometry::Geometry;
use super::parts::Parts;
use super::plan::{Tiling, WeightTiling, weight_tiles};
use super::sums::Partial;
use super::weights::{Order, Weights};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

/// The order of the weights in the forward pass. Those of an enlarging convolution are copied anyway.
pub fn forward_order(tiling: Tiling, enlarges: bool) -> Order {
    if tiling.packs || enlarges { Order::Outputs } else { Order::Taps }
}

pub fn forward_shader(geometry: &Geometry, tiling: Tiling, order: Order, finish: Constants) -> Shader {
    tiled(shader!("conv2d_tiled_forward"), geometry, tiling, order, finish)
}

pub fn forward(
    geometry: &Geometry,
    parts: Parts,
    tiling: Tiling,
    x: &CubeTensor,
    weights: Weights,
    finish: Finish,
    launch: Launch,
) -> CubeTensor {
    let dims = geometry.y_dims();
    let sums = partial(x, dims, tiling.slices, launch);
    let order = forward_order(tiling, weights.enlarges);
    let (weight, first) = (weights.ordered(order, launch), finish.of_products(tiling.slices));
    let [bias, other] = [first.bound_bias(x, launch), first.bound_other(x, launch)];
    let grid = grid([geometry.outputs, parts.geometry.pixels()], 1, tiling, launch);
    parts.each(x, launch, |number| {
        let [x, sums] = [x, &sums].map(|tensor| parts.of_tensor(tensor, number));
        let other = first.part_of(&other, &parts, number);
        let shader = forward_shader(&parts.geometry, tiling, order, first.constants());
        shader.launch(grid, &[&x, &weight, &bias, &other, &sums], &[]);
    });
    added(sums, dims, tiling.slices, finish, launch)
}

/// The order of the weights for the gradient of the input.
pub fn input_gradient_order(tiling: Tiling, enlarges: bool) -> Order {
    if tiling.packs || enlarges { Order::Inputs } else { Order::Taps }
}

pub fn input_gradient_shader(geometry: &Geometry, tiling: Tiling, order: Order, finish: Constants) -> Shader {
    tiled(shader!("conv2d_tiled_input_gradient"), geometry, tiling, order, finish)
}

pub fn input_gradient(
    geometry: &Geometry,
    parts: Parts,
    tiling: Tiling,
    y: &CubeTensor,
    weights: Weights,
    finish: Finish,
    launch: Launch,
) -> CubeTensor {
    let dims = geometry.x_dims();
    let sums = partial(y, dims, tiling.slices, launch);
    let order = input_gradient_order(tiling, weights.enlarges);
    let (weight, first) = (weights.ordered(order, launch), finish.of_products(tiling.slices));
    let [bias, other] = [first.bound_bias(y, launch), first.bound_other(y, launch)];
    let grid = grid([geometry.inputs, parts.geometry.phase_pixels()], geometry.phases(), tiling, launch);
    parts.each(y, launch, |number| {
        let [y, sums] = [y, &sums].map(|tensor| parts.of_tensor(tensor, number));
        let other = first.part_of(&other, &parts, number);
        let shader = input_gradient_shader(&parts.geometry, tiling, order, first.constants());
        shader.launch(grid, &[&y, &weight, &bias, &other, &sums], &[]);
    });
    added(sums, dims, tiling.slices, finish, launch)
}

fn tiled(shader: Shader, geometry: &Geometry, tiling: Tiling, order: Order, finish: Constants) -> Shader {
    let Tiling { tile, block, depth, slices, .. } = tiling;
    order.sized(geometry.sized(shader), geometry).with(&finish).with(&[
        ("SLICES", slices),
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
pub fn partial(
    like: &CubeTensor,
    [batch, channels, height, width]: [usize; 4],
    slices: usize,
    launch: Launch,
) -> CubeTensor {
    launch.output(like, [slices * batch, channels, height, width])
}

pub fn sum_shader(dims: [usize; 4], slices: usize, epilogue: Epilogue) -> Shader {
    let [_, _, height, width] = dims;
    let sizes = [("SLICES", slices), ("COUNT", dims.iter().product()), ("HEIGHT", height), ("WIDTH", width)];
    shader!("conv2d_tiled_sum").with(&sizes).with(&[epilogue.constant()])
}

/// Adds up the shares, and finishes the sums.
pub fn added(sums: CubeTensor, dims: [usize; 4], slices: usize, finish: Finish, launch: Launch) -> CubeTensor {
    if slices == 1 {
        return sums;
    }
    let result = launch.output(&sums, dims);
    let grid = launch.elementwise(dims.iter().product());
    let other = finish.bound_other(&sums, launch);
    sum_shader(dims, slices, finish.epilogue).launch(grid, &[&sums, &other, &result], &[]);
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

/// Partial sums of the gradients of the weights and of the bias.
pub fn parameter_gradients(
    geometry: &Geometry,
    parts: Parts,
    tiling: WeightTiling,
    [x, y]: [&CubeTensor; 2],
    launch: Launch,
) -> Partial {
    let partial = Partial::empty(geometry, parts.count * tiling.slices, x, launch);
    let [columns, rows] = launch.spread(weight_tiles(geometry, tiling.tile) * tiling.slices);
    parts.each(x, launch, |number| {
        let [x, y, sums] = [x, y, &partial.sums].map(|tensor| parts.of_tensor(tensor, number));
        weight_gradient_shader(&parts.geometry, tiling).launch([columns, rows, 1], &[&x, &y, &sums], &[]);
    });
    partial
}
