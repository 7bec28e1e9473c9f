//! Convolution on the CPU: an image's patches as a matrix, times the weights.

use std::borrow::Cow;
use std::ops::Range;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::parallel::for_each_piece;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::conv2d::Conv2dOps;

/// Images whose weight gradients are added up one after the other. Fixed, so that the order of the sum is.
const IMAGES_PER_SUM: usize = 8;

impl Conv2dOps for Flex {
    fn convolve(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, stride: usize, enlarge: bool) -> FlexTensor {
        let geometry = Geometry::new(&x, &weight, stride, enlarge);
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let (x, weight, bias) = (elements(&x), elements(&weight), elements(&bias));
        let mut out = vec![0.0; geometry.batch * geometry.output_len()];
        for_each_piece(&mut out, geometry.output_len(), |image, out| {
            for (plane, &bias) in out.chunks_exact_mut(geometry.positions()).zip(bias) {
                plane.fill(bias);
            }
            let patches = geometry.patches(&geometry.read(x, image));
            let [rows, inner, columns] = [geometry.outputs, geometry.patch_len(), geometry.positions()];
            multiply_add(out, Matrix::rows(weight, inner), Matrix::rows(&patches, columns), [rows, inner, columns]);
        });
        tensor(out, [geometry.batch, geometry.outputs, geometry.out_height, geometry.out_width])
    }

    fn convolve_input_gradient(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
        enlarge: bool,
    ) -> FlexTensor {
        let geometry = Geometry::new(&x, &weight, stride, enlarge);
        let [weight, gradient] = [weight, gradient].map(contiguous);
        let (weight, gradient) = (elements(&weight), elements(&gradient));
        let mut out = vec![0.0; geometry.batch * geometry.input_len()];
        for_each_piece(&mut out, geometry.input_len(), |image, out| {
            let gradient = &gradient[image * geometry.output_len()..][..geometry.output_len()];
            let [rows, inner, columns] = [geometry.patch_len(), geometry.outputs, geometry.positions()];
            let mut patches = vec![0.0; rows * columns];
            let transposed = Matrix::columns(weight, rows);
            multiply_add(&mut patches, transposed, Matrix::rows(gradient, columns), [rows, inner, columns]);
            geometry.add_patches(&patches, out);
        });
        tensor(out, x.layout().shape().clone())
    }

    fn convolve_weight_gradient(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
        enlarge: bool,
    ) -> FlexTensor {
        let geometry = Geometry::new(&x, &weight, stride, enlarge);
        let [x, gradient] = [x, gradient].map(contiguous);
        let (x, gradient) = (elements(&x), elements(&gradient));
        let weight_len = geometry.outputs * geometry.patch_len();
        let mut sums = vec![0.0; geometry.batch.div_ceil(IMAGES_PER_SUM) * weight_len];
        for_each_piece(&mut sums, weight_len, |group, sum| {
            let first = group * IMAGES_PER_SUM;
            for image in first..(first + IMAGES_PER_SUM).min(geometry.batch) {
                let gradient = &gradient[image * geometry.output_len()..][..geometry.output_len()];
                let patches = geometry.patches(&geometry.read(x, image));
                let [rows, inner, columns] = [geometry.outputs, geometry.positions(), geometry.patch_len()];
                multiply_add(
                    sum,
                    Matrix::rows(gradient, inner),
                    Matrix::columns(&patches, inner),
                    [rows, inner, columns],
                );
            }
        });
        tensor(added_up(sums, weight_len), [geometry.outputs, geometry.inputs, geometry.size, geometry.size])
    }

    fn convolve_bias_gradient(_x: FlexTensor, _bias: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let [batch, channels, height, width] = gradient.layout().shape().dims();
        let gradient = contiguous(gradient);
        let plane = |image: usize, channel: usize| {
            &elements(&gradient)[(image * channels + channel) * height * width..][..height * width]
        };
        let mut out = vec![0.0; channels];
        for_each_piece(&mut out, 1, |channel, out| {
            out[0] = (0..batch).map(|image| super::batch_norm::sum(plane(image, channel))).sum();
        });
        tensor(out, [channels])
    }
}

/// The groups of `sums`, each `len` long, added to the first in order.
fn added_up(mut sums: Vec<f32>, len: usize) -> Vec<f32> {
    let (total, rest) = sums.split_at_mut(len);
    for group in rest.chunks_exact(len) {
        total.iter_mut().zip(group).for_each(|(total, x)| *total += x);
    }
    sums.truncate(len);
    sums
}

/// The sizes of a convolution.
struct Geometry {
    batch: usize,
    inputs: usize,
    /// Rows of the input as it is convolved, that is after any enlargement.
    height: usize,
    /// Columns of the same.
    width: usize,
    outputs: usize,
    out_height: usize,
    out_width: usize,
    size: usize,
    stride: usize,
    padding: usize,
    enlarge: bool,
}

impl Geometry {
    fn new(x: &FlexTensor, weight: &FlexTensor, stride: usize, enlarge: bool) -> Self {
        let [batch, inputs, height, width] = x.layout().shape().dims();
        let [outputs, weight_inputs, size, _] = weight.layout().shape().dims();
        assert_eq!(inputs, weight_inputs, "conv2d: the input's channels and the weight's must match");
        let [height, width] = [height, width].map(|side| if enlarge { 2 * side } else { side });
        let padding = (size - 1) / 2;
        let [out_height, out_width] = [height, width].map(|side| (side + 2 * padding - size) / stride + 1);
        Self { batch, inputs, height, width, outputs, out_height, out_width, size, stride, padding, enlarge }
    }

    /// Elements of an input image as it is stored.
    fn input_len(&self) -> usize {
        self.inputs * self.height * self.width / if self.enlarge { 4 } else { 1 }
    }

    /// Elements of an output image.
    fn output_len(&self) -> usize {
        self.outputs * self.positions()
    }

    /// Pixels of an output plane.
    fn positions(&self) -> usize {
        self.out_height * self.out_width
    }

    /// Inputs that an output depends on.
    fn patch_len(&self) -> usize {
        self.inputs * self.size * self.size
    }

    /// Image `index` as it is convolved.
    fn read<'a>(&self, x: &'a [f32], index: usize) -> Cow<'a, [f32]> {
        let image = &x[index * self.input_len()..][..self.input_len()];
        if !self.enlarge {
            return Cow::Borrowed(image);
        }
        let mut large = vec![0.0; 4 * image.len()];
        for (rows, small) in large.chunks_exact_mut(2 * self.width).zip(image.chunks_exact(self.width / 2)) {
            let (upper, lower) = rows.split_at_mut(self.width);
            let (pairs, _) = upper.as_chunks_mut::<2>();
            pairs.iter_mut().zip(small).for_each(|(pair, &x)| *pair = [x, x]);
            lower.copy_from_slice(upper);
        }
        Cow::Owned(large)
    }

    /// Adds gradients of patches to the gradient of an image as it is stored.
    fn add_patches(&self, patches: &[f32], image: &mut [f32]) {
        if !self.enlarge {
            return self.scatter(patches, image);
        }
        let mut large = vec![0.0; 4 * image.len()];
        self.scatter(patches, &mut large);
        for (small, rows) in image.chunks_exact_mut(self.width / 2).zip(large.chunks_exact(2 * self.width)) {
            let (upper, lower) = rows.split_at(self.width);
            let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            small.iter_mut().zip(pairs).for_each(|(x, (up, low))| *x = (up[0] + up[1]) + (low[0] + low[1]));
        }
    }

    /// The patches of an image, `[patch_len, positions]`, with zeros for the padding.
    fn patches(&self, image: &[f32]) -> Vec<f32> {
        let mut patches = vec![0.0; self.patch_len() * self.positions()];
        for (tap, out) in patches.chunks_exact_mut(self.positions()).enumerate() {
            self.each_row(tap, |outputs, inputs| {
                let (out, source) = (&mut out[outputs], &image[inputs]);
                match self.stride {
                    1 => out.copy_from_slice(source),
                    stride => out.iter_mut().zip(source.iter().step_by(stride)).for_each(|(out, x)| *out = *x),
                }
            });
        }
        patches
    }

    /// Adds gradients of patches, `[patch_len, positions]`, to the gradient of the image they were read from.
    fn scatter(&self, patches: &[f32], image: &mut [f32]) {
        for (tap, gradient) in patches.chunks_exact(self.positions()).enumerate() {
            self.each_row(tap, |outputs, inputs| {
                let (gradient, target) = (&gradient[outputs], &mut image[inputs]);
                match self.stride {
                    1 => target.iter_mut().zip(gradient).for_each(|(x, g)| *x += g),
                    stride => target.iter_mut().step_by(stride).zip(gradient).for_each(|(x, g)| *x += g),
                }
            });
        }
    }

    /// Calls `work` for each output row with the span of its columns for which a tap (an input channel and a place in
    /// the kernel) reads inside the image, and the span of the image that it reads there.
    fn each_row(&self, tap: usize, mut work: impl FnMut(Range<usize>, Range<usize>)) {
        let (channel, place) = (tap / (self.size * self.size), tap % (self.size * self.size));
        let [down, right] = [place / self.size, place % self.size];
        let columns = self.inside(right, self.width, self.out_width);
        if columns.is_empty() {
            return;
        }
        let first = columns.start * self.stride + right - self.padding;
        let span = (columns.len() - 1) * self.stride + 1;
        for y in self.inside(down, self.height, self.out_height) {
            let row = (channel * self.height + y * self.stride + down - self.padding) * self.width;
            let output = y * self.out_width;
            work(output + columns.start..output + columns.end, row + first..row + first + span);
        }
    }

    /// The outputs along an axis for which a tap at `offset` in the kernel reads inside the input.
    fn inside(&self, offset: usize, input: usize, output: usize) -> Range<usize> {
        let first = self.padding.saturating_sub(offset).div_ceil(self.stride);
        let end = (input + self.padding).saturating_sub(offset).div_ceil(self.stride).min(output);
        first..end.max(first)
    }
}

/// A matrix in a slice, with the distance between rows and between columns.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    data: &'a [f32],
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix stored row by row, `width` elements a row.
    fn rows(data: &'a [f32], width: usize) -> Self {
        Self { data, row_stride: width, column_stride: 1 }
    }

    /// The transpose of a matrix stored row by row, `width` elements a row.
    fn columns(data: &'a [f32], width: usize) -> Self {
        Self { data, row_stride: 1, column_stride: width }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        (rows - 1) * self.row_stride + (columns - 1) * self.column_stride < self.data.len()
    }
}

/// `out += a * b` for `a` of `rows` x `inner` and `b` of `inner` x `columns`; `out` is stored row by row.
fn multiply_add(out: &mut [f32], a: Matrix, b: Matrix, [rows, inner, columns]: [usize; 3]) {
    assert!(out.len() == rows * columns && a.holds(rows, inner) && b.holds(inner, columns), "a product's sizes");
    // SAFETY: the assertion keeps every access inside its slice, and `out` is borrowed exclusively.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            true,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
