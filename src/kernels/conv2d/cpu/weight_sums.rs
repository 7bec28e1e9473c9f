//! The gradient of a convolution's kernel.

use super::matrix::{Matrix, Target, multiply};
use super::patches::{nth_group, with_columns, with_patches};
use super::window::Window;
use crate::kernels::host::fresh::written;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::scratch::with_scratch;

/// Images per partial sum. Fixed, so that the sum has a fixed order.
const IMAGES_PER_SUM: usize = 8;

/// Numbers of a patch for each place of an image, from which on a kernel is large.
const LARGE_KERNEL: usize = 16;

/// Pieces of channels, in which the gradients of large kernels are computed.
const CHANNEL_PARTS: usize = 8;

/// Columns that the products of these pieces should have: enough to fetch their sums seldom.
const COLUMNS: usize = 512;

/// Rows of a transposed matrix that are written together: as many as there are numbers in a line of the cache.
const ROWS: usize = 16;

/// The gradient of the kernel, `[others, patch_len]`: products of the pixels of `other` `[batch, others, ..]` and what
/// the window sees of `seen` `[batch, window.channels, ..]` at their places.
pub fn weight_sums(window: &Window, seen: &[f32], other: &[f32]) -> Vec<f32> {
    let others = other.len() / (seen.len() / window.input_len() * window.positions());
    let is_large = !window.is_identity() && window.patch_len() >= LARGE_KERNEL * window.positions();
    let sums = if is_large { sums_by_channels } else { sums_by_images };
    transposed(&sums(window, seen, other, others), others)
}

/// The transposed gradient, `[patch_len, others]`. Each piece of work adds up some images.
fn sums_by_images(window: &Window, seen: &[f32], other: &[f32], others: usize) -> Vec<f32> {
    let len = window.patch_len() * others;
    let (seen_len, other_len) = (window.input_len(), others * window.positions());
    let mut sums = vec![0.0; (seen.len() / seen_len).div_ceil(IMAGES_PER_SUM) * len];
    for_each_piece(&mut sums, len, |index, sum| {
        let seen = nth_group(seen, index, IMAGES_PER_SUM * seen_len);
        let other = nth_group(other, index, IMAGES_PER_SUM * other_len);
        let group = window.images_at_once();
        for (seen, other) in seen.chunks(group * seen_len).zip(other.chunks(group * other_len)) {
            add_sums(window, seen, other, others, sum);
        }
    });
    added_up(sums, len)
}

/// The transposed gradient, `[patch_len, others]`. Each piece of work adds up all images for some channels: several
/// sums of a large kernel would take longer to add up than to make.
fn sums_by_channels(window: &Window, seen: &[f32], other: &[f32], others: usize) -> Vec<f32> {
    let channels = window.channels.div_ceil(CHANNEL_PARTS);
    let (seen_len, other_len) = (window.input_len(), others * window.positions());
    let plane_len = seen_len / window.channels;
    let group = (COLUMNS / window.positions()).max(1);
    let mut sums = vec![0.0; window.patch_len() * others];
    for_each_piece(&mut sums, channels * window.size * window.size * others, |index, sum| {
        let part = window.with_channels(channels.min(window.channels - index * channels));
        for (seen, other) in seen.chunks(group * seen_len).zip(other.chunks(group * other_len)) {
            with_scratch(seen.len() / seen_len * part.input_len(), |planes| {
                for (image, planes) in seen.chunks_exact(seen_len).zip(planes.chunks_exact_mut(part.input_len())) {
                    planes.copy_from_slice(&image[index * channels * plane_len..][..planes.len()]);
                }
                add_sums(&part, planes, other, others, sum);
            });
        }
    });
    sums
}

/// Adds the part of some images to the transposed gradient.
fn add_sums(window: &Window, seen: &[f32], other: &[f32], others: usize, sum: &mut [f32]) {
    with_columns(other, others, window.positions(), |other, columns| {
        with_patches(window, seen, |patches, width, first| {
            let other = Matrix::columns(&other[first..], columns);
            let target = Target::added_to(sum, others);
            multiply(target, Matrix::rows(patches, width), other, [window.patch_len(), width, others]);
        });
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
    let len = matrix.len() / width;
    written(matrix.len(), ROWS * len, |index, out| {
        for column in (index * ROWS..width).take(ROWS) {
            out.extend(matrix[column..].iter().step_by(width).copied());
        }
    })
}
