//! Batch normalisation in strict arithmetic: the sums of the kernels in `shaders/`, in their order.

use burn::backend::flex::FlexTensor;

use crate::kernels::batch_norm::gpu::gradient_parts;
use crate::kernels::batch_norm::planes::{Inputs, Plane};
use crate::kernels::host::fresh::written;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::strict::{added_up, settled, strided};
use crate::kernels::host::tensor::tensor;

/// Invocations of `batch_norm_statistics.wgsl`, and those that add up the others' sums.
const THREADS: usize = 256;
const PARTS: usize = 16;

/// Invocations of `batch_norm_input_gradient.wgsl`, and those that add up the others' sums.
const GRADIENT_THREADS: usize = 64;
const SUMMANDS: usize = 8;

/// Mean and variance of each channel.
pub fn statistics(x: &[f32], [channels, plane]: [usize; 2]) -> Vec<[f32; 2]> {
    let mut pairs = vec![[0.0; 2]; channels];
    for_each_piece(&mut pairs, 1, |channel, pair| {
        let values: Vec<f32> = x.chunks_exact(plane).skip(channel).step_by(channels).flatten().copied().collect();
        let mean = mean_of(&values, |x| x);
        pair[0] = [mean, mean_of(&values, |x| (x - mean) * (x - mean))];
    });
    pairs
}

/// The mean of `f` over a channel. Each invocation has four sums of every fourth of its elements, and one of the rest.
fn mean_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let fours = values.len() / (4 * THREADS) * 4 * THREADS;
    let mut sums = [[0.0; THREADS]; 4];
    for block in values[..fours].chunks_exact(4 * THREADS) {
        for (sums, values) in sums.iter_mut().zip(block.chunks_exact(THREADS)) {
            sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += f(*x));
        }
    }
    let rest: [f32; THREADS] = strided(&values[fours..], &values[fours..], |x, _| f(x));
    let totals: Vec<f32> = (0..THREADS)
        .map(|thread| (sums[0][thread] + sums[1][thread]) + (sums[2][thread] + sums[3][thread]) + rest[thread])
        .collect();
    settled(added_up(&totals, PARTS) / values.len() as f32)
}

impl Plane {
    fn settled_normal(&self, x: f32) -> f32 {
        settled(self.normalized(x))
    }

    fn before_cut(&self, x: f32) -> f32 {
        settled(self.settled_normal(x) * self.scale + self.shift)
    }

    fn strictly_passed(&self, x: f32, gradient: f32) -> f32 {
        if self.before_cut(x) <= 0.0 { 0.0 } else { gradient }
    }
}

/// Normalises, scales, shifts and applies ReLU.
pub fn relu(inputs: &Inputs) -> FlexTensor {
    let out = written(inputs.dims.iter().product(), inputs.plane_len(), |index, out| {
        let (x, plane) = inputs.plane(index);
        // Written so that NaN stays NaN.
        let cut = |y: f32| if y < 0.0 { 0.0 } else { y };
        out.extend(x.iter().map(move |&x| cut(plane.before_cut(x))));
    });
    tensor(out, inputs.dims)
}

/// Gradients of scale and of shift per image, each `[batch, channels]`.
pub fn image_gradients(inputs: &Inputs, gradient: &[f32]) -> [Vec<f32>; 2] {
    let [batch, channels, ..] = inputs.dims;
    let mut pairs = vec![[0.0; 2]; batch * channels];
    for_each_piece(&mut pairs, 1, |index, pair| {
        let (x, plane) = inputs.plane(index);
        pair[0] = plane_gradients(&plane, x, &gradient[index * x.len()..][..x.len()]);
    });
    [0, 1].map(|which| pairs.iter().map(|pair| pair[which]).collect())
}

/// The sums of a plane, in parts that each take every `parts`-th pixel, with four sums and one of the rest.
fn plane_gradients(plane: &Plane, x: &[f32], gradient: &[f32]) -> [f32; 2] {
    let parts = gradient_parts(x.len());
    let fours = x.len() / (4 * parts) * 4 * parts;
    let sums = |part: usize| {
        let mut sums = [[0.0; 2]; 5];
        for at in (part..x.len()).step_by(parts) {
            let passed = plane.strictly_passed(x[at], gradient[at]);
            let sum = &mut sums[if at < fours { at / parts % 4 } else { 4 }];
            *sum = [sum[0] + passed * plane.settled_normal(x[at]), sum[1] + passed];
        }
        [0, 1].map(|which| (sums[0][which] + sums[1][which]) + (sums[2][which] + sums[3][which]) + sums[4][which])
    };
    let totals = (0..parts).map(sums).fold([0.0; 2], |total, sum| [total[0] + sum[0], total[1] + sum[1]]);
    totals.map(settled)
}

/// The gradient of scale or shift, `[rows, channels]`, from that per image.
pub fn parameter_gradient(inputs: &Inputs, by_image: &[f32]) -> FlexTensor {
    let [batch, channels, ..] = inputs.dims;
    if inputs.rows > 1 {
        return tensor(by_image.to_vec(), [batch, channels]);
    }
    let total = |channel: usize| by_image.iter().skip(channel).step_by(channels).fold(0.0_f32, |sum, x| sum + x);
    tensor((0..channels).map(|channel| settled(total(channel))).collect(), [1, channels])
}

/// The gradient of the input.
pub fn input_gradient(inputs: &Inputs, by_image: &[Vec<f32>; 2], gradient: &[f32]) -> FlexTensor {
    let means = channel_means(inputs, by_image);
    let out = written(inputs.dims.iter().product(), inputs.plane_len(), |index, out| {
        let (x, plane) = inputs.plane(index);
        let [along, level] = means[index % inputs.dims[1]];
        let gradient = &gradient[index * x.len()..][..x.len()];
        out.extend(x.iter().zip(gradient).map(move |(&x, &g)| {
            let direct = plane.strictly_passed(x, g) * plane.scale - level;
            settled(plane.inverse_deviation * (direct - plane.settled_normal(x) * along))
        }));
    });
    tensor(out, inputs.dims)
}

/// Means over a channel of the gradient of the normalised values, times those values (`along`) and alone (`level`).
fn channel_means(inputs: &Inputs, by_image: &[Vec<f32>; 2]) -> Vec<[f32; 2]> {
    let [batch, channels, height, width] = inputs.dims;
    let mean = |which: usize, channel: usize| {
        let of_image = |values: &[f32]| values.iter().skip(channel).step_by(channels).copied().collect::<Vec<f32>>();
        let scales: Vec<f32> = (0..batch).map(|image| inputs.plane(image * channels + channel).1.scale).collect();
        let sums: [f32; GRADIENT_THREADS] = strided(&scales, &of_image(&by_image[which]), |scale, x| scale * x);
        settled(added_up(&sums, SUMMANDS) / (batch * height * width) as f32)
    };
    (0..channels).map(|channel| [mean(0, channel), mean(1, channel)]).collect()
}
