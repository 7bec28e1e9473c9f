//! Products of matrices with what a window sees of images.
//!
//! All three take images of the side that the window moves over, `[batch, window.channels, ..]`, or images of the other
//! side, `[batch, others, ..]`, whose pixels are the window's places. The places of several small images lie side by
//! side, so that products are larger and fetch weights less often.

use super::matrix::{Matrix, Output, multiply};
use super::window::Window;
use crate::kernels::host::fresh::written;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::scratch::with_scratch;

/// Images per partial sum of weight gradients. Fixed, so that the sum has a fixed order.
const IMAGES_PER_SUM: usize = 8;

/// The other side's images, from those that the window sees: `kernel` `[others, patch_len]` times patches, plus `bias`
/// `[others]`.
pub fn patch_products(window: &Window, kernel: &[f32], seen: &[f32], bias: &[f32]) -> Vec<f32> {
    let (len, others, positions) = (window.patch_len(), bias.len(), window.positions());
    if window.is_identity() {
        return pixel_products(Matrix::rows(kernel, len), [len, others, positions], seen, bias);
    }
    let group = window.images_at_once();
    let batch = seen.len() / window.input_len();
    written(batch * others * positions, group * others * positions, |index, out| {
        let images = nth_group(seen, index, group * window.input_len());
        let count = images.len() / window.input_len();
        let columns = count * positions;
        with_scratch(others * columns, |product| {
            with_patches(window, images, |patches| {
                let (kernel, patches) = (Matrix::rows(kernel, len), Matrix::rows(patches, columns));
                multiply(product, Output::Replace, kernel, patches, [others, len, columns]);
            });
            for image in 0..count {
                for (row, bias) in product.chunks_exact(columns).zip(bias) {
                    out.extend(row[image * positions..][..positions].iter().map(|y| y + bias));
                }
            }
        });
    })
}

/// The images that the window sees, from the other side's: each pixel adds its part of `kernel` `[others, patch_len]`
/// to the patch at its place; `bias` `[window.channels]` is added to the sum.
pub fn scattered_products(window: &Window, kernel: &[f32], other: &[f32], bias: &[f32]) -> Vec<f32> {
    let (len, positions) = (window.patch_len(), window.positions());
    let others = kernel.len() / len;
    if window.is_identity() {
        return pixel_products(Matrix::columns(kernel, len), [others, len, positions], other, bias);
    }
    let group = window.images_at_once();
    let batch = other.len() / (others * positions);
    written(batch * window.input_len(), group * window.input_len(), |index, out| {
        let images = nth_group(other, index, group * others * positions);
        with_columns(images, others, positions, |other, columns| {
            with_scratch(len * columns, |patches| {
                let (kernel, other) = (Matrix::columns(kernel, len), Matrix::rows(other, columns));
                multiply(patches, Output::Replace, kernel, other, [len, others, columns]);
                window.add_patches(patches, bias, out);
            });
        });
    })
}

/// `matrix` `[to, from]` times every pixel of images `[batch, from, positions]`, plus `bias` `[to]`.
fn pixel_products(matrix: Matrix, [from, to, positions]: [usize; 3], images: &[f32], bias: &[f32]) -> Vec<f32> {
    let batch = images.len() / (from * positions);
    written(batch * to * positions, to * positions, |index, out| {
        let image = Matrix::rows(nth_group(images, index, from * positions), positions);
        multiply(out.rows_of(bias, positions), Output::Add, matrix, image, [to, from, positions]);
    })
}

/// The gradient of the kernel, `[others, patch_len]`: products of the other side's pixels and the patches at their
/// places.
pub fn weight_sums(window: &Window, seen: &[f32], other: &[f32]) -> Vec<f32> {
    let (len, positions) = (window.patch_len(), window.positions());
    let batch = seen.len() / window.input_len();
    let other_len = other.len() / batch;
    let others = other_len / positions;
    let group = window.images_at_once();
    let mut sums = vec![0.0; batch.div_ceil(IMAGES_PER_SUM) * len * others];
    for_each_piece(&mut sums, len * others, |index, sum| {
        let seen = nth_group(seen, index, IMAGES_PER_SUM * window.input_len());
        let other = nth_group(other, index, IMAGES_PER_SUM * other_len);
        for (seen, other) in seen.chunks(group * window.input_len()).zip(other.chunks(group * other_len)) {
            with_columns(other, others, positions, |other, columns| {
                with_patches(window, seen, |patches| {
                    let (patches, other) = (Matrix::rows(patches, columns), Matrix::columns(other, columns));
                    multiply(sum, Output::Add, patches, other, [len, columns, others]);
                });
            });
        }
    });
    transposed(&added_up(sums, len * others), others)
}

/// The group of images with an index, `len` numbers long; the last one may be shorter.
pub fn nth_group(images: &[f32], index: usize, len: usize) -> &[f32] {
    let rest = &images[index * len..];
    &rest[..len.min(rest.len())]
}

/// Calls `work` with what the window sees of images, `[patch_len, images, positions]`.
fn with_patches(window: &Window, images: &[f32], work: impl FnOnce(&[f32])) {
    if window.is_identity() {
        return work(images);
    }
    let count = images.len() / window.input_len();
    with_scratch(window.patch_len() * count * window.positions(), |patches| {
        window.patches(images, patches);
        work(patches);
    });
}

/// Calls `work` with images `[images, channels, positions]` as `[channels, images, positions]`, and with the length of
/// a row.
pub fn with_columns(images: &[f32], channels: usize, positions: usize, work: impl FnOnce(&[f32], usize)) {
    let columns = images.len() / channels;
    if columns == positions {
        return work(images, columns);
    }
    with_scratch(images.len(), |side_by_side| {
        for (image, planes) in images.chunks_exact(channels * positions).enumerate() {
            for (plane, row) in planes.chunks_exact(positions).zip(side_by_side.chunks_exact_mut(columns)) {
                row[image * positions..][..positions].copy_from_slice(plane);
            }
        }
        work(side_by_side, columns);
    });
}

/// Adds up the groups of `sums`, each `len` long, in order.
fn added_up(mut sums: Vec<f32>, len: usize) -> Vec<f32> {
    let (total, rest) = sums.split_at_mut(len);
    for group in rest.chunks_exact(len) {
        total.iter_mut().zip(group).for_each(|(total, x)| *total += x);
    }
    sums.truncate(len);
    sums
}

/// A matrix with rows of `width`, transposed.
fn transposed(matrix: &[f32], width: usize) -> Vec<f32> {
    (0..width).flat_map(|column| matrix[column..].iter().step_by(width).copied()).collect()
}
