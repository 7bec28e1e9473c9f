//! The kernels without workgroup memory: for software adapters, and for the smallest convolutions anywhere.

use burn_wgpu::CubeTensor;

use super::finish::{Constants, Finish};
use super::geometry::Geometry;
use super::sums::Partial;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, THREADS, shader};

/// Outputs (or channels) and pixels that an invocation computes.
const TILE: [usize; 2] = [16, 8];

/// Invocations that share the gradient of the weights, if the sizes allow it: enough to keep a GPU busy, few enough
/// that adding up their sums costs little.
const GRADIENT_INVOCATIONS: usize = 8_192;

/// Fewest invocations of a workgroup: a CPU's vector.
const FEWEST_THREADS: usize = 8;

/// Fewest pixels of a share.
const SMALLEST_SHARE: usize = 64;

/// Most pixels of a share. Mesa's software adapter silently leaves loops after 65,535 rounds.
const LARGEST_SHARE: usize = 1 << 15;

pub fn forward_shader(geometry: &Geometry, finish: Constants) -> Shader {
    let threads = threads(geometry.pixels());
    geometry.sized(shader!("conv2d_forward")).with(&finish).with(&[("THREADS", threads)])
}

pub fn forward(geometry: &Geometry, x: &CubeTensor, weight: &CubeTensor, finish: Finish, launch: Launch) -> CubeTensor {
    let y = launch.output(x, geometry.y_dims());
    let grid = tiles(geometry.pixels(), geometry.outputs, 1, launch);
    let [bias, other] = [finish.bound_bias(x, launch), finish.bound_other(x, launch)];
    launch.kernel(forward_shader(geometry, finish.constants())).launch(grid, &[x, weight, &bias, &other, &y], &[]);
    y
}

pub fn input_gradient_shader(geometry: &Geometry, finish: Constants) -> Shader {
    let threads = threads(geometry.phase_pixels());
    geometry.sized(shader!("conv2d_input_gradient")).with(&finish).with(&[("THREADS", threads)])
}

pub fn input_gradient(
    geometry: &Geometry,
    y: &CubeTensor,
    weight: &CubeTensor,
    finish: Finish,
    launch: Launch,
) -> CubeTensor {
    let x = launch.output(y, geometry.x_dims());
    let grid = tiles(geometry.phase_pixels(), geometry.inputs, geometry.phases(), launch);
    let [bias, other] = [finish.bound_bias(y, launch), finish.bound_other(y, launch)];
    launch.kernel(input_gradient_shader(geometry, finish.constants())).launch(
        grid,
        &[y, weight, &bias, &other, &x],
        &[],
    );
    x
}

fn gradient_tiles(geometry: &Geometry) -> usize {
    geometry.outputs.div_ceil(TILE[0]) * geometry.columns().div_ceil(TILE[1])
}

/// Shares of the pixels.
pub fn slices(geometry: &Geometry) -> usize {
    let fewest = geometry.pixels().div_ceil(LARGEST_SHARE);
    (GRADIENT_INVOCATIONS / gradient_tiles(geometry)).min(geometry.pixels() / SMALLEST_SHARE).max(fewest)
}

pub fn weight_gradient_shader(geometry: &Geometry) -> Shader {
    geometry.sized(shader!("conv2d_weight_gradient")).with(&[("SLICES", slices(geometry))])
}

/// Partial sums of the gradients of the weights and of the bias.
pub fn parameter_gradients(geometry: &Geometry, x: &CubeTensor, y: &CubeTensor, launch: Launch) -> Partial {
    let partial = Partial::empty(geometry, slices(geometry), x, launch);
    let grid = launch.elementwise(gradient_tiles(geometry) * partial.slices);
    launch.kernel(weight_gradient_shader(geometry)).launch(grid, &[x, y, &partial.sums], &[]);
    partial
}

/// The grid of a kernel whose invocations compute a tile each: pixels along x and y, tiles of channels and phases along
/// z.
fn tiles(pixels: usize, channels: usize, phases: usize, launch: Launch) -> [usize; 3] {
    let [x, y] = launch.spread(pixels.div_ceil(TILE[1] * threads(pixels)));
    [x, y, channels.div_ceil(TILE[0]) * phases]
}

/// Invocations of a workgroup: no more than there are pixels for, since others would only repeat work.
fn threads(pixels: usize) -> usize {
    pixels.div_ceil(TILE[1]).next_power_of_two().clamp(FEWEST_THREADS, THREADS as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv2d::ConvShape;

    #[test]
    fn no_invocation_loops_for_too_long() {
        for (x, weight) in [
            ([128, 256, 32, 32], [256, 256, 3, 3]),
            ([256, 512, 96, 96], [1_024, 512, 3, 3]),
            ([64, 1_024, 1, 1], [10, 1_024, 1, 1]),
        ] {
            let geometry = Geometry::new(x, weight, ConvShape { stride: 1, enlarge: false });
            let pixels = x[0] * x[2] * x[3];
            assert!(pixels.div_ceil(slices(&geometry)) <= LARGEST_SHARE, "{x:?} {weight:?}");
        }
    }
}
