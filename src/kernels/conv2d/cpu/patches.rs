//! Products of matrices with what a window sees of images.
//!
//! Both take images of the side that the window moves over, `[batch, window.channels, ..]`, or images of the other
//! side, `[batch, others, ..]`, whose pixels are the window's places. The places of several small images lie side by
//! side, so that products are larger and fetch weights less often.

use super::matrix::{Matrix, Target, multiply};
use super::window::Window;
use crate::kernels::host::fresh::written;
use crate::kernels::host::scratch::with_scratch;

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
        let columns = images.len() / window.input_len() * positions;
        with_scratch(others * columns, |product| {
            with_patches(window, images, |patches, width, first| {
                let target = Target::replaced(&mut product[first..], columns);
                multiply(target, Matrix::rows(kernel, len), Matrix::rows(patches, width), [others, len, width]);
            });
            for first in (0..columns).step_by(positions) {
                for (row, bias) in product.chunks_exact(columns).zip(bias) {
                    out.extend(row[first..][..positions].iter().map(|y| y + bias));
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
        let count = images.len() / (others * positions);
        with_columns(images, others, positions, |other, columns| {
            window.gathered(count * window.channels, bias, out, |spread| {
                for rows in window.bands(count) {
                    let places = window.places(&rows);
                    let width = count * places.len();
                    with_scratch(len * width, |patches| {
                        let other = Matrix::rows(&other[places.start..], columns);
                        let target = Target::replaced(patches, width);
                        multiply(target, Matrix::columns(kernel, len), other, [len, others, width]);
                        window.add_patches(patches, &rows, spread);
                    });
                }
            });
        });
    })
}

/// `matrix` `[to, from]` times every pixel of images `[batch, from, positions]`, plus `bias` `[to]`.
fn pixel_products(matrix: Matrix, [from, to, positions]: [usize; 3], images: &[f32], bias: &[f32]) -> Vec<f32> {
    let batch = images.len() / (from * positions);
    written(batch * to * positions, to * positions, |index, out| {
        let image = Matrix::rows(nth_group(images, index, from * positions), positions);
        multiply(Target::added_to(out.rows_of(bias, positions), positions), matrix, image, [to, from, positions]);
    })
}

/// The group of images with an index, `len` numbers long; the last one may be shorter.
pub fn nth_group(images: &[f32], index: usize, len: usize) -> &[f32] {
    let rest = &images[index * len..];
    &rest[..len.min(rest.len())]
}

/// Calls `work` with what the window sees of images, in bands: `[patch_len, images, places]`, the length of a row, and
/// the first place.
pub fn with_patches(window: &Window, images: &[f32], mut work: impl FnMut(&[f32], usize, usize)) {
    if window.is_identity() {
        return work(images, window.positions(), 0);
    }
    let count = images.len() / window.input_len();
    window.with_spread(images, |spread| {
        for rows in window.bands(count) {
            let places = window.places(&rows);
            let width = count * places.len();
            with_scratch(window.patch_len() * width, |patches| {
                window.patches(spread, &rows, patches);
                work(patches, width, places.start);
            });
        }
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
