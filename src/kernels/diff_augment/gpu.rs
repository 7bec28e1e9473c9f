//! DiffAugment on the GPU: all changes in one pass over the images.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::diff_augment::{DiffAugmentGradients, DiffAugmentOps, PARAMETERS};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, THREADS, shader};

/// Pixels that an invocation computes.
const PIXELS: usize = 4;

/// Numbers that an invocation adds up for a mean, if images are large enough: more invocations would wait more at
/// barriers, and have more partial sums.
const SUMMANDS: usize = 48;

/// Most channels that an invocation can hold.
const MOST_CHANNELS: usize = 4;

impl DiffAugmentOps for CubeBackend {
    fn diff_augment(images: CubeTensor, rows: CubeTensor, color: bool, launch: Launch) -> CubeTensor {
        change(images, rows, color, false, launch)
    }
}

impl DiffAugmentGradients for CubeBackend {
    fn diff_augment_gradient(gradient: CubeTensor, rows: CubeTensor, color: bool, launch: Launch) -> CubeTensor {
        change(gradient, rows, color, true, launch)
    }
}

/// Kernels for the data sets' grey and colour images, and for odd sizes.
pub fn variants() -> Vec<Shader> {
    let mut shaders = Vec::new();
    for dims in [[1, 1, 1, 1], [2, 2, 5, 5], [3, 4, 17, 17], [64, 1, 28, 28], [128, 3, 32, 32], [64, 3, 96, 96]] {
        for backward in [false, true] {
            shaders.push(mean_shader(dims, backward));
            shaders.extend([false, true].map(|color| change_shader(dims, color, backward)));
        }
    }
    shaders
}

/// Applies the changes or, if `backward`, computes their gradient.
///
/// # Panics
/// If the images are not square, have more than four channels, or their number is not the number of rows.
fn change(images: CubeTensor, parameters: CubeTensor, color: bool, backward: bool, launch: Launch) -> CubeTensor {
    let dims @ [batch, channels, height, width] = images.shape().dims();
    assert_eq!(height, width, "diff_augment: images are square");
    assert!((1..=MOST_CHANNELS).contains(&channels), "diff_augment: images have up to {MOST_CHANNELS} channels");
    assert_eq!(parameters.shape().dims::<2>(), [batch, PARAMETERS], "diff_augment: every image has its parameters");
    let [images, parameters] = [images, parameters].map(into_contiguous);
    // Without colour changes, the kernel reads no means.
    let means = launch.output(&images, [if color { batch } else { 1 }]);
    if color {
        let [x, y] = launch.spread(batch);
        launch.kernel(mean_shader(dims, backward)).launch([x, y, 1], &[&images, &parameters, &means], &[]);
    }
    let changed = launch.output(&images, dims);
    let [x, y] = launch.spread(batch * (height * width).div_ceil(THREADS as usize * PIXELS));
    launch.kernel(change_shader(dims, color, backward)).launch(
        [x, y, 1],
        &[&images, &parameters, &means, &changed],
        &[],
    );
    changed
}

/// Invocations that add up so many numbers of an image for a mean.
pub fn mean_threads(numbers: usize) -> usize {
    (numbers / SUMMANDS).next_power_of_two().clamp(64, 256)
}

fn mean_shader(dims: [usize; 4], masked: bool) -> Shader {
    let [_, channels, height, width] = dims;
    let threads = mean_threads(channels * height * width);
    sized(shader!("diff_augment_mean"), dims).with(&[("MASKED", usize::from(masked)), ("THREADS", threads)])
}

fn change_shader(dims: [usize; 4], color: bool, backward: bool) -> Shader {
    let shader = if backward { shader!("diff_augment_gradient") } else { shader!("diff_augment") };
    sized(shader, dims).with(&[("COLOR", usize::from(color))])
}

fn sized(shader: Shader, [batch, channels, size, _]: [usize; 4]) -> Shader {
    shader.with(&[("BATCH", batch), ("CHANNELS", channels), ("SIZE", size)])
}
