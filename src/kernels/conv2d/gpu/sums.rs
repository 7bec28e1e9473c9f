//! The gradients of a convolution's bias and weights in one buffer, and partial sums of them.
//!
//! The bias comes first, and the weights start where a view may start. Names sort like this too, so the gradients lie
//! as an optimiser packs them.

use burn_wgpu::CubeTensor;

use super::geometry::Geometry;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::view::{aligned, view};

/// Partial sums of the gradients, one for each share of the pixels.
#[derive(Debug)]
pub struct Partial {
    /// `[slices, numbers]`.
    pub sums: CubeTensor,
    pub slices: usize,
}

/// Numbers of a partial sum, with gaps.
pub fn numbers(geometry: &Geometry) -> usize {
    aligned(geometry.outputs) + aligned(geometry.outputs * geometry.inputs * geometry.taps())
}

impl Partial {
    /// Memory for partial sums.
    pub fn empty(geometry: &Geometry, slices: usize, like: &CubeTensor, launch: Launch) -> Self {
        Self { sums: launch.output(like, [slices, numbers(geometry)]), slices }
    }

    /// The gradients. A single partial sum holds them already.
    pub fn added(self, geometry: &Geometry, launch: Launch) -> CubeTensor {
        let Self { sums, slices } = self;
        if slices == 1 {
            return sums;
        }
        let count = numbers(geometry);
        let result = launch.output(&sums, [count]);
        launch.kernel(weight_sum_shader(geometry, slices)).launch(launch.elementwise(count), &[&sums, &result], &[]);
        result
    }
}

pub fn weight_sum_shader(geometry: &Geometry, slices: usize) -> Shader {
    shader!("conv2d_weight_sum").with(&[("SLICES", slices), ("COUNT", numbers(geometry))])
}

/// The gradient of the weights, in their shape, and that of the bias, out of a buffer with both.
pub fn views(gradients: &CubeTensor, weight @ [outputs, _, _, _]: [usize; 4]) -> [CubeTensor; 2] {
    [view(gradients, aligned(outputs), weight), view(gradients, 0, [outputs])]
}
