//! Convolution on the GPU, as implicit matrix products.
//!
//! A convolution of an enlarged image is a transposed convolution of the small image, with stride 2 and a kernel one
//! larger. So nothing is enlarged, and a 3x3 kernel takes four multiplications per pixel instead of nine.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::conv2d::{Conv2dGradients, Conv2dOps, ConvShape};
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

impl Conv2dOps for CubeBackend {
    fn conv2d(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, shape: ConvShape, launch: Launch) -> CubeTensor {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let [x, weight, bias] = [x, weight, bias].map(into_contiguous);
        if shape.enlarge {
            geometry.input_gradient(&x, &fold(&weight, launch), Some(&bias), launch)
        } else {
            geometry.forward(&x, &weight, Some(&bias), launch)
        }
    }
}

impl Conv2dGradients for CubeBackend {
    fn input_gradient(
        x: CubeTensor,
        weight: CubeTensor,
        gradient: CubeTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> CubeTensor {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let [weight, gradient] = [weight, gradient].map(into_contiguous);
        if shape.enlarge {
            geometry.forward(&gradient, &fold(&weight, launch), None, launch)
        } else {
            geometry.input_gradient(&gradient, &weight, None, launch)
        }
    }

    fn parameter_gradients(
        x: CubeTensor,
        weight: CubeTensor,
        gradient: CubeTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> [CubeTensor; 2] {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let [x, gradient] = [x, gradient].map(into_contiguous);
        if shape.enlarge {
            let [folded, _] = geometry.parameter_gradients(&gradient, &x, launch);
            [unfold(&folded, &weight, launch), channel_sum(&gradient, launch)]
        } else {
            geometry.parameter_gradients(&x, &gradient, launch)
        }
    }
}

/// The sizes of a plain convolution from `[batch, inputs, input]` to `[batch, outputs, output]`.
#[derive(Debug, Clone, Copy)]
struct Geometry {
    batch: usize,
    inputs: usize,
    input: [usize; 2],
    outputs: usize,
    output: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Geometry {
    /// The sizes of a convolution; for an enlarging one, of the convolution whose transpose it is.
    fn new(x: [usize; 4], weight: [usize; 4], ConvShape { stride, enlarge }: ConvShape) -> Self {
        let [batch, inputs, height, width] = x;
        let [outputs, _, kernel, _] = weight;
        let padding = (kernel - 1) / 2;
        let small = [height, width];
        if enlarge {
            let large = small.map(|side| 2 * side);
            let (inputs, outputs) = (outputs, inputs);
            Self { batch, inputs, input: large, outputs, output: small, kernel: kernel + 1, stride: 2, padding }
        } else {
            let output = small.map(|side| (side + 2 * padding - kernel) / stride + 1);
            Self { batch, inputs, input: small, outputs, output, kernel, stride, padding }
        }
    }

    fn sized(&self, shader: Shader) -> Shader {
        shader.with(&[
            ("BATCH", self.batch),
            ("INPUTS", self.inputs),
            ("IN_HEIGHT", self.input[0]),
            ("IN_WIDTH", self.input[1]),
            ("OUTPUTS", self.outputs),
            ("OUT_HEIGHT", self.output[0]),
            ("OUT_WIDTH", self.output[1]),
            ("KERNEL", self.kernel),
            ("STRIDE", self.stride),
            ("PADDING", self.padding),
        ])
    }

    fn forward_shader(&self, has_bias: bool) -> Shader {
        let threads = threads(self.batch * self.output[0] * self.output[1]);
        self.sized(shader!("conv2d_forward")).with(&[("BIAS", usize::from(has_bias)), ("THREADS", threads)])
    }

    fn forward(&self, x: &CubeTensor, weight: &CubeTensor, bias: Option<&CubeTensor>, launch: Launch) -> CubeTensor {
        let y = launch.output(x, [self.batch, self.outputs, self.output[0], self.output[1]]);
        let grid = tiles(self.batch * self.output[0] * self.output[1], self.outputs, 1, launch);
        let shader = self.forward_shader(bias.is_some());
        shader.launch(grid, &[x, weight, &bias.cloned().unwrap_or_else(|| unread(x, launch)), &y], &[]);
        y
    }

    /// Most pixels of the input that leave the same remainders when divided by the stride.
    fn phase_pixels(&self) -> usize {
        self.input.iter().map(|side| side.div_ceil(self.stride)).product::<usize>() * self.batch
    }

    fn input_gradient_shader(&self, has_bias: bool) -> Shader {
        let threads = threads(self.phase_pixels());
        self.sized(shader!("conv2d_input_gradient")).with(&[("BIAS", usize::from(has_bias)), ("THREADS", threads)])
    }

    fn input_gradient(
        &self,
        y: &CubeTensor,
        weight: &CubeTensor,
        bias: Option<&CubeTensor>,
        launch: Launch,
    ) -> CubeTensor {
        let x = launch.output(y, [self.batch, self.inputs, self.input[0], self.input[1]]);
        let grid = tiles(self.phase_pixels(), self.inputs, self.stride * self.stride, launch);
        let shader = self.input_gradient_shader(bias.is_some());
        shader.launch(grid, &[y, weight, &bias.cloned().unwrap_or_else(|| unread(y, launch)), &x], &[]);
        x
    }

    /// Columns of the gradient of the weights, and one for the bias.
    fn columns(&self) -> usize {
        self.inputs * self.kernel * self.kernel + 1
    }

    fn gradient_tiles(&self) -> usize {
        self.outputs.div_ceil(TILE[0]) * self.columns().div_ceil(TILE[1])
    }

    /// Shares of the pixels.
    fn slices(&self) -> usize {
        let pixels = self.batch * self.output[0] * self.output[1];
        let fewest = pixels.div_ceil(LARGEST_SHARE);
        (GRADIENT_INVOCATIONS / self.gradient_tiles()).min(pixels / SMALLEST_SHARE).max(fewest)
    }

    fn weight_gradient_shader(&self) -> Shader {
        self.sized(shader!("conv2d_weight_gradient")).with(&[("SLICES", self.slices())])
    }

    fn weight_sum_shader(&self) -> Shader {
        let sizes = [("SLICES", self.slices()), ("OUTPUTS", self.outputs), ("COLUMNS", self.columns())];
        shader!("conv2d_weight_sum").with(&sizes)
    }

    /// The gradients of the weights and of the bias.
    fn parameter_gradients(&self, x: &CubeTensor, y: &CubeTensor, launch: Launch) -> [CubeTensor; 2] {
        let sums = launch.output(x, [self.slices(), self.outputs, self.columns()]);
        let grid = launch.elementwise(self.gradient_tiles() * self.slices());
        self.weight_gradient_shader().launch(grid, &[x, y, &sums], &[]);
        let weight_gradient = launch.output(x, [self.outputs, self.inputs, self.kernel, self.kernel]);
        let bias_gradient = launch.output(x, [self.outputs]);
        let grid = launch.elementwise(self.outputs * self.columns());
        self.weight_sum_shader().launch(grid, &[&sums, &weight_gradient, &bias_gradient], &[]);
        [weight_gradient, bias_gradient]
    }
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

/// What stands in for a bias that is not read. It is new memory: browsers refuse to bind a buffer twice if a kernel
/// might write it.
fn unread(like: &CubeTensor, launch: Launch) -> CubeTensor {
    launch.output(like, [1])
}

fn fold_sizes(shader: Shader, weight: [usize; 4]) -> Shader {
    let [outputs, inputs, kernel, _] = weight;
    shader.with(&[("INPUTS", inputs), ("OUTPUTS", outputs), ("KERNEL", kernel)])
}

/// The kernel of the transposed convolution, `[inputs, outputs, size + 1, size + 1]`.
fn fold(weight: &CubeTensor, launch: Launch) -> CubeTensor {
    let [outputs, inputs, kernel, _] = weight.shape().dims();
    let folded = launch.output(weight, [inputs, outputs, kernel + 1, kernel + 1]);
    let count = folded.shape().num_elements();
    fold_sizes(shader!("conv2d_fold"), weight.shape().dims()).launch(
        launch.elementwise(count),
        &[weight, &folded],
        &[],
    );
    folded
}

/// The gradient of `weight` from the gradient of the folded kernel.
fn unfold(folded: &CubeTensor, weight: &CubeTensor, launch: Launch) -> CubeTensor {
    let gradient = launch.output(weight, weight.shape());
    let grid = launch.elementwise(weight.shape().num_elements());
    fold_sizes(shader!("conv2d_unfold"), weight.shape().dims()).launch(grid, &[folded, &gradient], &[]);
    gradient
}

/// The sum of each channel, `[channels]`.
fn channel_sum(x: &CubeTensor, launch: Launch) -> CubeTensor {
    let dims: [usize; 4] = x.shape().dims();
    let sums = launch.output(x, [dims[1]]);
    let [columns, rows] = launch.spread(dims[1]);
    channel_sum_shader(dims).launch([columns, rows, 1], &[x, &sums], &[]);
    sums
}

fn channel_sum_shader([batch, channels, height, width]: [usize; 4]) -> Shader {
    shader!("conv2d_channel_sum").with(&[("BATCH", batch), ("CHANNELS", channels), ("PLANE", height * width)])
}

/// The kernels for convolutions of the presets, and for odd sizes.
pub fn variants() -> Vec<Shader> {
    let mut shaders = Vec::new();
    for (x, weight, stride, enlarge) in [
        ([128, 3, 32, 32], [16, 3, 3, 3], 2, false),
        ([64, 16, 32, 32], [3, 16, 3, 3], 1, false),
        ([64, 64, 4, 4], [32, 64, 3, 3], 1, true),
        ([64, 64, 4, 4], [32, 64, 1, 1], 1, false),
        ([64, 256, 16, 16], [256, 256, 3, 3], 1, true),
        ([64, 128, 32, 32], [128, 128, 3, 3], 1, false),
        ([64, 1024, 1, 1], [10, 1024, 1, 1], 1, false),
        ([1, 1, 1, 1], [1, 1, 1, 1], 1, false),
        ([3, 5, 9, 4], [2, 5, 2, 2], 2, false),
        ([2, 4, 6, 6], [3, 4, 4, 4], 2, false),
        ([2, 3, 5, 6], [4, 3, 2, 2], 1, false),
        ([2, 5, 6, 7], [3, 5, 4, 4], 1, false),
        ([2, 3, 7, 7], [5, 3, 1, 1], 2, false),
        ([2, 3, 4, 4], [7, 3, 1, 1], 1, true),
    ] {
        let geometry = Geometry::new(x, weight, ConvShape { stride, enlarge });
        for has_bias in [false, true] {
            shaders.extend([geometry.forward_shader(has_bias), geometry.input_gradient_shader(has_bias)]);
        }
        shaders.extend([geometry.weight_gradient_shader(), geometry.weight_sum_shader(), channel_sum_shader(x)]);
        shaders.extend([shader!("conv2d_fold"), shader!("conv2d_unfold")].map(|shader| fold_sizes(shader, weight)));
    }
    shaders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_invocation_loops_for_too_long() {
        for (x, weight) in [
            ([128, 256, 32, 32], [256, 256, 3, 3]),
            ([256, 512, 96, 96], [1_024, 512, 3, 3]),
            ([64, 1_024, 1, 1], [10, 1_024, 1, 1]),
        ] {
            let geometry = Geometry::new(x, weight, ConvShape { stride: 1, enlarge: false });
            let pixels = x[0] * x[2] * x[3];
            assert!(pixels.div_ceil(geometry.slices()) <= LARGEST_SHARE, "{x:?} {weight:?}");
        }
    }
}
