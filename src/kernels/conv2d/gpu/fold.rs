//! The kernels of enlarging convolutions.

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use super::geometry::Geometry;
use super::sums::Partial;
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::view::aligned;

fn sized(shader: Shader, weight: [usize; 4]) -> Shader {
    let [outputs, inputs, kernel, _] = weight;
    shader.with(&[("INPUTS", inputs), ("OUTPUTS", outputs), ("KERNEL", kernel)])
}

pub fn fold_shader(weight: [usize; 4]) -> Shader {
    sized(shader!("conv2d_fold"), weight)
}

/// The kernel of the transposed convolution, `[inputs, outputs, size + 1, size + 1]`.
pub fn fold(weight: &CubeTensor, launch: Launch) -> CubeTensor {
    let dims @ [outputs, inputs, kernel, _] = weight.shape().dims();
    let folded = launch.output(weight, [inputs, outputs, kernel + 1, kernel + 1]);
    let count = folded.shape().num_elements();
    launch.kernel(fold_shader(dims)).launch(launch.elementwise(count), &[weight, &folded], &[]);
    folded
}

/// The kernel for partial sums of the gradient of the folded kernel, and sums of shares of the output's channels.
pub fn unfold_shader(weight: [usize; 4], slices: usize, shares: usize) -> Shader {
    sized(shader!("conv2d_unfold"), weight).with(&[("SLICES", slices), ("SHARES", shares)])
}

/// The gradients of bias and weights, from those of the folded kernel, whose convolution has the geometry, and the sums
/// `[shares, outputs]` of the output's channels.
///
/// Each partial sum is part of up to four weights. A GPU finds it in a cache then; a software device adds up the
/// partial sums first.
pub fn unfold(folded: Partial, geometry: &Geometry, shares: &CubeTensor, launch: Launch) -> CubeTensor {
    let folded = match launch.class() {
        DeviceClass::Software | DeviceClass::Strict => Partial { sums: folded.added(geometry, launch), slices: 1 },
        DeviceClass::Integrated | DeviceClass::Discrete | DeviceClass::DiscreteWinograd => folded,
    };
    // The geometry is that of the convolution whose transpose enlarges.
    let Geometry { inputs: outputs, outputs: inputs, .. } = *geometry;
    let kernel = geometry.kernel - 1;
    let count = outputs * inputs * kernel * kernel;
    let gradients = launch.output(shares, [aligned(outputs) + count]);
    let shader =
        unfold_shader([outputs, inputs, kernel, kernel], folded.slices, shares.shape().num_elements() / outputs);
    launch.kernel(shader).launch(launch.elementwise(count), &[&folded.sums, shares, &gradients], &[]);
    gradients
}
