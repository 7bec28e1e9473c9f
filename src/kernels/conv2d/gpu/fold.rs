//! The kernels of enlarging convolutions.

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

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
    fold_shader(dims).launch(launch.elementwise(count), &[weight, &folded], &[]);
    folded
}

pub fn unfold_shader(weight: [usize; 4]) -> Shader {
    sized(shader!("conv2d_unfold"), weight)
}

/// The gradient of `weight` from the gradient of the folded kernel.
pub fn unfold(folded: &CubeTensor, weight: &CubeTensor, launch: Launch) -> CubeTensor {
    let gradient = launch.output(weight, weight.shape());
    let grid = launch.elementwise(weight.shape().num_elements());
    unfold_shader(weight.shape().dims()).launch(grid, &[folded, &gradient], &[]);
    gradient
}
