//! Convolution in strict arithmetic: the sums of `conv2d_forward.wgsl` and the other kernels without tiles, with the same
//! bits.
//!
//! Every output is one chain of products, over taps and then channels. So is every partial sum of a gradient of the
//! weights, over the pixels of its slice. Tiles of outputs fill the vectors, and parts of the batch the threads.

mod product;
mod sums;

use burn::backend::flex::FlexTensor;

use super::mirror::Mirror;
use super::patches::{nth_group, with_columns};
use super::window::Window;
use crate::kernels::conv2d::ConvShape;
use crate::kernels::conv2d::gpu::Geometry;
use crate::kernels::host::fresh::written;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::strict::{settle, strided_sum};
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use product::{COLUMNS, ROWS, multiply, packed};

/// Columns that a product should have: enough to use cached weights often.
const PRODUCT_COLUMNS: usize = 128;

/// Invocations that add up a channel, and those of them that add up the others' sums, as in `conv2d_channel_sum.wgsl`.
const THREADS: usize = 256;
const PARTS: usize = 16;

/// A convolution `[batch, in, height, width]` with its bias, not yet settled.
pub fn convolved(x: FlexTensor, weight: FlexTensor, bias: &[f32], shape: ConvShape) -> FlexTensor {
    let strict = Strict::new(x.layout().shape().dims(), &weight, shape);
    let [x, weight] = [x, weight].map(contiguous);
    let weight = strict.kernel(elements(&weight));
    match &strict.mirror {
        Some(_) => strict.to_input(elements(&x), &weight, bias),
        None => strict.to_output(elements(&x), &weight, bias),
    }
}

/// The gradient of the input `x`, not yet settled.
pub fn input_gradient(x: [usize; 4], weight: FlexTensor, gradient: FlexTensor, shape: ConvShape) -> FlexTensor {
    let strict = Strict::new(x, &weight, shape);
    let [weight, gradient] = [weight, gradient].map(contiguous);
    let weight = strict.kernel(elements(&weight));
    let no_bias = vec![0.0; x[1]];
    match &strict.mirror {
        Some(_) => strict.to_output(elements(&gradient), &weight, &no_bias),
        None => strict.to_input(elements(&gradient), &weight, &no_bias),
    }
}

/// The gradients of weights and bias.
pub fn parameter_gradients(
    x: FlexTensor,
    weight: &FlexTensor,
    gradient: FlexTensor,
    shape: ConvShape,
) -> [FlexTensor; 2] {
    let strict = Strict::new(x.layout().shape().dims(), weight, shape);
    let dims: [usize; 4] = gradient.layout().shape().dims();
    let [x, gradient] = [x, gradient].map(contiguous);
    let (x, gradient) = (elements(&x), elements(&gradient));
    let [mut of_weight, mut of_bias] = match &strict.mirror {
        Some(mirror) => {
            let [folded, _] = strict.sums(gradient, x);
            [mirror.kernel_gradient(&folded), channel_sums(gradient, dims)]
        }
        None => strict.sums(x, gradient),
    };
    settle(&mut of_weight);
    settle(&mut of_bias);
    let bias_dims = [of_bias.len()];
    [tensor(of_weight, weight.layout().shape().clone()), tensor(of_bias, bias_dims)]
}

/// The convolution that the kernels compute: for an enlarging one, the transposed convolution that equals it.
struct Strict {
    geometry: Geometry,
    mirror: Option<Mirror>,
}

impl Strict {
    fn new(x: [usize; 4], weight: &FlexTensor, shape: ConvShape) -> Self {
        let weight @ [outputs, inputs, size, _]: [usize; 4] = weight.layout().shape().dims();
        let mirror = shape.enlarge.then_some(Mirror { outputs, inputs, size, scale: 2 });
        Self { geometry: Geometry::new(x, weight, shape), mirror }
    }

    /// The weights of the geometry's convolution, `[outputs, inputs, taps]`.
    fn kernel(&self, weight: &[f32]) -> Vec<f32> {
        let Some(mirror) = &self.mirror else { return weight.to_vec() };
        let mut folded = mirror.mirrored(weight);
        settle(&mut folded);
        folded
    }

    /// As `conv2d_forward.wgsl`.
    fn to_output(&self, x: &[f32], weight: &[f32], bias: &[f32]) -> FlexTensor {
        let Geometry { inputs, input, outputs, output, kernel, stride, padding, .. } = self.geometry;
        let taps = self.geometry.taps();
        let window = Window::new(inputs, input, kernel, padding, stride, output);
        let order: Vec<[usize; 2]> = (0..taps).flat_map(|tap| (0..inputs).map(move |input| [input, tap])).collect();
        let weights =
            packed(outputs, order.len(), |row, term| weight[(row * inputs + order[term][0]) * taps + order[term][1]]);
        let places = window.positions();
        let y = each_group(&window, x, outputs * places, |patches, columns, out| {
            let terms: Vec<usize> = order.iter().map(|[input, tap]| (input * taps + tap) * columns).collect();
            with_scratch(outputs * columns, |product| {
                multiply(product, bias, &weights, &terms, patches);
                for image in 0..columns / places {
                    for (row, out) in
                        product.chunks_exact(columns).zip(out[image * outputs * places..].chunks_mut(places))
                    {
                        out.copy_from_slice(&row[image * places..][..places]);
                    }
                }
            });
        });
        tensor(y, self.geometry.y_dims())
    }

    /// As `conv2d_input_gradient.wgsl`.
    fn to_input(&self, y: &[f32], weight: &[f32], bias: &[f32]) -> FlexTensor {
        let Geometry { inputs, input, outputs, output, stride, .. } = self.geometry;
        let phases: Vec<Phase> =
            (0..self.geometry.phases()).map(|phase| self.phase([phase / stride, phase % stride], weight)).collect();
        let [reach, size] = self.reach();
        let small = input.map(|side| side.div_ceil(stride));
        let window = Window::new(outputs, output, size, reach, 1, small);
        let (places, plane) = (window.positions(), input[0] * input[1]);
        let x = each_group(&window, y, inputs * plane, |patches, columns, out| {
            with_scratch(inputs * columns, |product| {
                for phase in &phases {
                    let terms: Vec<usize> = phase.terms.iter().map(|term| term * columns).collect();
                    multiply(product, bias, &phase.weights, &terms, patches);
                    for (row, channel) in product.chunks_exact(columns).zip(0..) {
                        for (image, row) in row.chunks_exact(places).enumerate() {
                            let plane = &mut out[(image * inputs + channel) * plane..][..plane];
                            phase.spread(row, small[1], plane, input[1], stride);
                        }
                    }
                }
            });
        });
        tensor(x, self.geometry.x_dims())
    }

    /// How far the window of [`Self::to_input`] reaches above a place, and its side.
    fn reach(&self) -> [usize; 2] {
        let Geometry { kernel, stride, padding, .. } = self.geometry;
        let above = (kernel - 1).saturating_sub(padding) / stride;
        [above, above + padding.div_ceil(stride) + 1]
    }

    /// The pixels of a phase, with the taps and channels that count for them in their order.
    fn phase(&self, remainders: [usize; 2], weight: &[f32]) -> Phase {
        let Geometry { inputs, outputs, kernel, stride, padding, .. } = self.geometry;
        let [reach, size] = self.reach();
        let taps = |remainder: usize| ((remainder + padding) % stride..kernel).step_by(stride);
        // Where a tap looks, counted from the first row or column of the window.
        let seen = move |remainder: usize, tap: usize| (remainder + padding + reach * stride - tap) / stride;
        let [down, right] = remainders;
        let places = taps(down).flat_map(|ky| taps(right).map(move |kx| [ky, kx]));
        let order: Vec<[usize; 3]> =
            places.flat_map(|[ky, kx]| (0..outputs).map(move |output| [output, ky, kx])).collect();
        let weights = packed(inputs, order.len(), |row, term| {
            let [output, ky, kx] = order[term];
            weight[((output * inputs + row) * kernel + ky) * kernel + kx]
        });
        let terms = order.iter().map(|&[output, ky, kx]| (output * size + seen(down, ky)) * size + seen(right, kx));
        Phase { remainders, terms: terms.collect(), weights }
    }
}

/// Pixels of the input that leave the same remainders when divided by the stride.
struct Phase {
    remainders: [usize; 2],
    /// The rows of the patches, in the order of the sum.
    terms: Vec<usize>,
    weights: Vec<[f32; ROWS]>,
}

impl Phase {
    /// Puts the pixels of a phase where they belong. Some may lie outside.
    fn spread(&self, pixels: &[f32], pixels_width: usize, plane: &mut [f32], width: usize, stride: usize) {
        let [down, right] = self.remainders;
        let rows = plane.chunks_exact_mut(width).skip(down).step_by(stride);
        for (row, pixels) in rows.zip(pixels.chunks_exact(pixels_width)) {
            row.iter_mut().skip(right).step_by(stride).zip(pixels).for_each(|(x, pixel)| *x = *pixel);
        }
    }
}

/// Results for each image that a window moves over, `len` numbers each. `work` gets the patches `[patch_len, columns]` of
/// some images, how many columns they have, and where their results go.
fn each_group(
    window: &Window,
    images: &[f32],
    len: usize,
    work: impl Fn(&[f32], usize, &mut [f32]) + Send + Sync,
) -> Vec<f32> {
    let batch = images.len() / window.input_len();
    let group = PRODUCT_COLUMNS.div_ceil(window.positions()).min(batch);
    written(batch * len, group * len, |index, out| {
        let images = nth_group(images, index, group * window.input_len());
        let count = images.len() / window.input_len();
        let columns = count * window.positions();
        let out = out.rows_of(&[0.0], count * len);
        with_scratch(window.patch_len() * columns + COLUMNS, |patches| {
            let (seen, _) = patches.split_at_mut(window.patch_len() * columns);
            if window.is_identity() {
                with_columns(images, window.channels, window.positions(), |images, _| seen.copy_from_slice(images));
            } else {
                window.with_spread(images, |spread| window.patches(spread, &window.rows(), seen));
            }
            work(patches, columns, out);
        });
    })
}

/// The sum of each channel, as `conv2d_channel_sum.wgsl`.
fn channel_sums(x: &[f32], [_, channels, height, width]: [usize; 4]) -> Vec<f32> {
    let plane = height * width;
    let mut sums = vec![0.0; channels];
    for_each_piece(&mut sums, 1, |channel, sum| {
        let values: Vec<f32> = x.chunks_exact(plane).skip(channel).step_by(channels).flatten().copied().collect();
        sum[0] = strided_sum::<THREADS>(&values, PARTS);
    });
    sums
}
