//! Batch normalisation with ReLU on the GPU.
//!
//! Invocations share planes: each fetches the numbers of a plane once for many pixels, and neighbours read side by
//! side. No two places write the same sum, so every sum has a fixed order.

mod statistics;

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::batch_norm::{BatchNormGradients, BatchNormOps};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, THREADS, shader};
use crate::kernels::view::{aligned, view};

/// Pixels of a plane that an invocation normalises, if planes are large enough.
const NORMALIZED_PIXELS: usize = 32;

/// Pixels of a channel whose gradients an invocation computes, if there are that many: each workgroup also has sums to
/// add up, so the pixels should be most of its work.
const GRADIENT_PIXELS: usize = 64;

/// The fewest invocations that share a plane: fewer would read too far apart.
const FEWEST_PARTS: usize = 4;

impl BatchNormOps for CubeBackend {
    fn batch_norm_relu(
        x: CubeTensor,
        statistics: CubeTensor,
        scale: CubeTensor,
        shift: CubeTensor,
        launch: Launch,
    ) -> CubeTensor {
        let sizes = Sizes::new(&x, &scale);
        let [x, statistics, scale, shift] = [x, statistics, scale, shift].map(into_contiguous);
        let y = launch.output(&x, x.shape());
        let grid = launch.elementwise(sizes.planes() * sizes.normalized_parts());
        launch.kernel(sizes.relu_shader()).launch(grid, &[&x, &statistics, &scale, &shift, &y], &[]);
        y
    }
}

impl BatchNormGradients for CubeBackend {
    fn gradients(
        inputs: [CubeTensor; 4],
        gradient: CubeTensor,
        [of_x, of_scale, of_shift]: [bool; 3],
        launch: Launch,
    ) -> [Option<CubeTensor>; 3] {
        let sizes = Sizes::new(&inputs[0], &inputs[2]);
        let (inputs, gradient) = (inputs.map(into_contiguous), into_contiguous(gradient));
        let by_image = sizes.image_gradients(&inputs, &gradient, launch);
        let of_parameters = of_scale || of_shift;
        let adds = of_x && of_parameters && sizes.rows == 1;
        let x_gradient = of_x.then(|| sizes.input_gradient(&inputs, &by_image, &gradient, adds, launch));
        let sums = of_parameters.then(|| if adds { sizes.sums_in(&by_image) } else { sizes.sums(&by_image, launch) });
        let [scale, shift] = sums.map_or([None, None], |sums| sums.map(Some));
        [x_gradient, scale, shift]
    }
}

/// The backward pass. Gradients of scale and shift per image, `[2, batch, channels]`, share a buffer with their sums.
impl Sizes {
    fn image_gradients(&self, inputs: &[CubeTensor; 4], gradient: &CubeTensor, launch: Launch) -> CubeTensor {
        let [x, statistics, scale, shift] = inputs;
        let by_image = launch.output(x, [self.sums_at() + aligned(self.channels) + self.channels]);
        let grid = launch.elementwise(self.planes() * self.gradient_parts());
        launch.kernel(self.parameter_gradient_shader()).launch(
            grid,
            &[x, statistics, scale, shift, gradient, &by_image],
            &[],
        );
        by_image
    }

    /// The gradient of the input. If it `adds`, it also writes the sums over all images behind the gradients per image.
    fn input_gradient(
        &self,
        [x, statistics, scale, shift]: &[CubeTensor; 4],
        by_image: &CubeTensor,
        gradient: &CubeTensor,
        adds: bool,
        launch: Launch,
    ) -> CubeTensor {
        let x_gradient = launch.output(x, x.shape());
        let buffers = [x, statistics, scale, shift, by_image, gradient, &x_gradient];
        let [groups, rows] = launch.spread(self.input_gradient_groups());
        launch.kernel(self.input_gradient_shader(adds)).launch([groups, rows, 1], &buffers, &[]);
        x_gradient
    }

    /// Where the sums begin in the buffer of gradients per image.
    fn sums_at(&self) -> usize {
        aligned(2 * self.planes())
    }

    /// The gradients of scale and shift that the kernel of the input's gradient wrote.
    fn sums_in(&self, by_image: &CubeTensor) -> [CubeTensor; 2] {
        [0, aligned(self.channels)].map(|first| view(by_image, self.sums_at() + first, [1, self.channels]))
    }

    /// The gradients of scale and shift, `[rows, channels]`, side by side as an optimiser packs them.
    fn sums(&self, by_image: &CubeTensor, launch: Launch) -> [CubeTensor; 2] {
        let (count, shift_at) = (self.rows * self.channels, aligned(self.rows * self.channels));
        let both = launch.output(by_image, [shift_at + count]);
        let sums = [0, shift_at].map(|first| view(&both, first, [self.rows, self.channels]));
        launch.kernel(self.image_sum_shader()).launch(launch.elementwise(count), &[by_image, &sums[0], &sums[1]], &[]);
        sums
    }
}

/// Invocations that share a plane, so that each has about `pixels` pixels: a power of two that divides a workgroup.
fn parts(plane: usize, pixels: usize) -> usize {
    1 << (plane / pixels).clamp(FEWEST_PARTS, THREADS as usize).ilog2()
}

/// Invocations that share the gradients of a plane.
pub fn gradient_parts(plane: usize) -> usize {
    parts(plane, GRADIENT_PIXELS)
}

/// The sizes of a normalisation of `[batch, channels, plane]` with parameters of `[rows, channels]`.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    channels: usize,
    /// Pixels of one channel of an image.
    plane: usize,
    rows: usize,
}

impl Sizes {
    fn new(x: &CubeTensor, scale: &CubeTensor) -> Self {
        let [batch, channels, height, width] = x.shape().dims();
        Self { batch, channels, plane: height * width, rows: scale.shape()[0] }
    }

    fn planes(&self) -> usize {
        self.batch * self.channels
    }

    fn normalized_parts(&self) -> usize {
        parts(self.plane, NORMALIZED_PIXELS)
    }

    fn gradient_parts(&self) -> usize {
        gradient_parts(self.plane)
    }

    /// Images whose channel a workgroup takes at a time, for the gradient of the input.
    fn images(&self) -> usize {
        THREADS as usize / self.gradient_parts()
    }

    /// How many groups of images a workgroup takes.
    fn steps(&self) -> usize {
        let pixels = self.plane.div_ceil(self.gradient_parts());
        GRADIENT_PIXELS.div_ceil(pixels).min(self.batch.div_ceil(self.images()))
    }

    fn input_gradient_groups(&self) -> usize {
        self.channels * self.batch.div_ceil(self.steps() * self.images())
    }

    fn sized(&self, shader: Shader, parts: usize) -> Shader {
        shader.with(&[
            ("BATCH", self.batch),
            ("CHANNELS", self.channels),
            ("STRIDE", aligned(self.channels)),
            ("PLANE", self.plane),
            ("ROWS", self.rows),
            ("PARTS", parts),
        ])
    }

    fn relu_shader(&self) -> Shader {
        self.sized(shader!("batch_norm_relu"), self.normalized_parts())
    }

    fn parameter_gradient_shader(&self) -> Shader {
        self.sized(shader!("batch_norm_parameter_gradient"), self.gradient_parts())
    }

    fn input_gradient_shader(&self, adds: bool) -> Shader {
        let options = [("STEPS", self.steps()), ("SUMS", usize::from(adds))];
        self.sized(shader!("batch_norm_input_gradient"), self.gradient_parts()).with(&options)
    }

    fn image_sum_shader(&self) -> Shader {
        let sizes = [("BATCH", self.batch), ("CHANNELS", self.channels), ("ROWS", self.rows)];
        shader!("batch_norm_image_sum").with(&sizes)
    }

    /// Every kernel of a normalisation and its gradients but those of the statistics.
    fn shaders(&self) -> [Shader; 4] {
        [
            self.relu_shader(),
            self.parameter_gradient_shader(),
            self.image_sum_shader(),
            self.input_gradient_shader(self.rows == 1),
        ]
    }
}

/// The kernels at sizes that networks have, and at some that leave remainders.
pub fn variants() -> Vec<Shader> {
    let shapes = [[1, 1, 1], [5, 3, 257], [64, 256, 16], [64, 64, 49], [64, 64, 256], [64, 16, 1_024]];
    let sizes = |[batch, channels, plane]: [usize; 3]| [1, batch].map(|rows| Sizes { batch, channels, plane, rows });
    let normalizations = shapes.into_iter().flat_map(sizes).flat_map(|sizes| sizes.shaders());
    shapes.into_iter().flat_map(statistics::shaders).chain(normalizations).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::batch_norm::EPSILON;

    #[test]
    fn kernels_add_the_same_to_the_variance() {
        let sizes = Sizes { batch: 2, channels: 3, plane: 4, rows: 1 };
        for shader in [sizes.relu_shader(), sizes.parameter_gradient_shader(), sizes.input_gradient_shader(true)] {
            let source = shader.specialized();
            let (_, value) = source.split_once("const EPSILON: f32 = ").expect("a constant");
            let (value, _) = value.split_once(';').expect("a declaration ends with a semicolon");
            assert_eq!(value.parse::<f32>(), Ok(EPSILON), "{}", shader.name());
        }
    }

    #[test]
    fn parts_divide_a_workgroup_and_steps_cover_the_batch() {
        for [batch, plane] in [[1, 1], [3, 49], [64, 16], [64, 1_024], [1_000, 9_216]] {
            let sizes = Sizes { batch, channels: 3, plane, rows: 1 };
            let parts = [sizes.normalized_parts(), sizes.gradient_parts()];
            assert!(parts.iter().all(|parts| (THREADS as usize).is_multiple_of(*parts)));
            assert!(sizes.input_gradient_groups() / 3 * sizes.steps() * sizes.images() >= batch);
        }
    }
}
