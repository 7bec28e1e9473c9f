//! The window that a convolution moves over an image.

use std::ops::Range;

use crate::kernels::host::fresh::Piece;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::simd::vectorized;

/// Columns that a product of matrices should have: enough to use cached weights often.
const COLUMNS: usize = 128;

/// Most images in one product, so that there are enough products for all threads.
const MOST_IMAGES: usize = 8;

/// Most numbers in the patches of one product, unless a single row of places has more: what the cache of a core holds
/// beside the other operands.
const MOST_NUMBERS: usize = 160 << 10;

/// A square window that moves over planes of size `input` in steps of `stride`, 1 or 2, and starts `before` pixels
/// outside. Pairs are (down, right).
///
/// Planes are first spread: each is copied between zeros, its columns split by parity if the stride is 2, so that each
/// row becomes `stride` rows, one with the even columns and one with the odd ones. So one element of the window, a tap,
/// sees whole rows without gaps, and the border needs no special case.
#[derive(Debug)]
pub struct Window {
    /// Planes of an image.
    pub channels: usize,
    /// Side of the window.
    pub size: usize,
    input: [usize; 2],
    before: usize,
    stride: usize,
    output: [usize; 2],
}

impl Window {
    /// A window over images of `channels` planes that takes `output` places.
    pub fn new(
        channels: usize,
        input: [usize; 2],
        size: usize,
        before: usize,
        stride: usize,
        output: [usize; 2],
    ) -> Self {
        assert!(stride == 1 || stride == 2, "a window moves by 1 or 2");
        Self { channels, size, input, before, stride, output }
    }

    /// The same window over images of fewer planes.
    pub fn with_channels(&self, channels: usize) -> Self {
        Self { channels, ..*self }
    }

    /// Number of places.
    pub fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Numbers of an image.
    pub fn input_len(&self) -> usize {
        self.channels * self.input[0] * self.input[1]
    }

    /// Numbers that the window sees at a place.
    pub fn patch_len(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Whether every place sees only its own pixel, so that the patches are the image.
    pub fn is_identity(&self) -> bool {
        self.size == 1 && self.stride == 1 && self.input == self.output
    }

    /// Images whose patches go into one product.
    pub fn images_at_once(&self) -> usize {
        if self.is_identity() { 1 } else { (COLUMNS / self.positions()).clamp(1, MOST_IMAGES) }
    }

    /// Rows of places whose patches go into one product: all of them if those of other images do, too.
    pub fn bands(&self, images: usize) -> impl Iterator<Item = Range<usize>> {
        let height = self.output[0];
        let products = if images == 1 { (self.patch_len() * self.positions()).div_ceil(MOST_NUMBERS) } else { 1 };
        let rows = height.div_ceil(products);
        (0..height).step_by(rows).map(move |first| first..(first + rows).min(height))
    }

    /// All rows of places.
    pub fn rows(&self) -> Range<usize> {
        0..self.output[0]
    }

    /// The places in rows.
    pub fn places(&self, rows: &Range<usize>) -> Range<usize> {
        rows.start * self.output[1]..rows.end * self.output[1]
    }

    /// Calls `work` with the spread planes of images.
    pub fn with_spread(&self, images: &[f32], work: impl FnOnce(&[f32])) {
        let len = self.spread_len();
        let planes = images.chunks_exact(self.input[0] * self.input[1]);
        with_scratch(planes.len() * len, |spread| {
            spread.fill(0.0);
            planes.zip(spread.chunks_exact_mut(len)).for_each(|(plane, spread)| self.spread(plane, spread));
            work(spread);
        });
    }

    /// Writes what the window sees of spread images at the places in `rows`, `[patch_len, images, places]`, with zeros
    /// outside the images.
    pub fn patches(&self, spread: &[f32], rows: &Range<usize>, patches: &mut [f32]) {
        let places = self.places(rows).len();
        let columns = patches.len() / self.patch_len();
        for (plane, spread) in spread.chunks_exact(self.spread_len()).enumerate() {
            for tap in 0..self.size * self.size {
                let patches = &mut patches[self.first_column(plane, tap, columns, places)..][..places];
                copy_rows(&spread[self.first_seen(tap, rows)..], self.step(), patches, self.output[1]);
            }
        }
    }

    /// Writes images: `work` adds to their spread planes, which begin with zeros, and a number per plane is added.
    pub fn gathered(&self, planes: usize, plus: &[f32], images: &mut Piece, work: impl FnOnce(&mut [f32])) {
        let len = self.spread_len();
        with_scratch(planes * len, |spread| {
            spread.fill(0.0);
            work(spread);
            for (index, spread) in spread.chunks_exact(len).enumerate() {
                self.gather(spread, plus[index % self.channels], images);
            }
        });
    }

    /// Adds patches at the places in `rows`, `[patch_len, images, places]`, to the spread planes that they saw.
    pub fn add_patches(&self, patches: &[f32], rows: &Range<usize>, spread: &mut [f32]) {
        let places = self.places(rows).len();
        let columns = patches.len() / self.patch_len();
        for (plane, spread) in spread.chunks_exact_mut(self.spread_len()).enumerate() {
            for tap in 0..self.size * self.size {
                let patches = &patches[self.first_column(plane, tap, columns, places)..][..places];
                add_rows(patches, &mut spread[self.first_seen(tap, rows)..], self.step(), self.output[1]);
            }
        }
    }

    /// Where the patches of a tap begin for a plane, counted over all images, with as many places in each.
    fn first_column(&self, plane: usize, tap: usize, columns: usize, places: usize) -> usize {
        let (image, channel) = (plane / self.channels, plane % self.channels);
        (channel * self.size * self.size + tap) * columns + image * places
    }

    /// Rows of a spread plane, and columns of each of its parts.
    fn spread_size(&self) -> [usize; 2] {
        let [rows, columns] =
            [0, 1].map(|axis| ((self.output[axis] - 1) * self.stride + self.size).max(self.before + self.input[axis]));
        [rows, columns.div_ceil(self.stride)]
    }

    fn spread_len(&self) -> usize {
        let [rows, columns] = self.spread_size();
        rows * self.stride * columns
    }

    /// The first number of a spread plane that a tap sees from places in `rows`.
    fn first_seen(&self, tap: usize, rows: &Range<usize>) -> usize {
        let (row, column) = (tap / self.size, tap % self.size);
        let columns = self.spread_size()[1];
        rows.start * self.step() + (row * self.stride + column % self.stride) * columns + column / self.stride
    }

    /// Distance from what a tap sees in one row of places to what it sees in the next.
    fn step(&self) -> usize {
        self.stride * self.stride * self.spread_size()[1]
    }

    /// Copies a plane between the zeros.
    fn spread(&self, plane: &[f32], spread: &mut [f32]) {
        let (width, columns) = (self.input[1], self.spread_size()[1]);
        let rows = spread[self.before * self.stride * columns..].chunks_exact_mut(self.stride * columns);
        for (row, target) in plane.chunks_exact(width).zip(rows) {
            if self.stride == 1 {
                target[self.before..][..width].copy_from_slice(row);
            } else {
                let (left, right) = target.split_at_mut(columns);
                let [even, odd] = self.even_and_odd(left, right);
                split_row(row, &mut even[self.before / 2..], &mut odd[self.before.div_ceil(2)..]);
            }
        }
    }

    /// Writes a plane from between the zeros, plus a number.
    fn gather(&self, spread: &[f32], plus: f32, plane: &mut Piece) {
        let ([height, width], columns) = (self.input, self.spread_size()[1]);
        let rows = spread[self.before * self.stride * columns..].chunks_exact(self.stride * columns);
        for row in rows.take(height) {
            if self.stride == 1 {
                plane.extend(row[self.before..][..width].iter().map(|x| x + plus));
            } else {
                let (left, right) = row.split_at(columns);
                let [even, odd] = self.even_and_odd(left, right);
                let even = &even[self.before / 2..][..width.div_ceil(2)];
                let odd = &odd[self.before.div_ceil(2)..][..width / 2];
                plane.extend_arrays(even.iter().zip(odd).map(|(even, odd)| [even + plus, odd + plus]));
                plane.extend(even[odd.len()..].iter().map(|x| x + plus));
            }
        }
    }

    /// The parts of a spread row with the plane's even and with its odd columns.
    fn even_and_odd<T>(&self, left: T, right: T) -> [T; 2] {
        if self.before.is_multiple_of(2) { [left, right] } else { [right, left] }
    }
}

/// Copies a row's even columns and its odd ones.
fn split_row(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    let (pairs, last) = row.as_chunks::<2>();
    vectorized(|| {
        for ((pair, even), odd) in pairs.iter().zip(even.iter_mut()).zip(odd) {
            [*even, *odd] = *pair;
        }
    });
    even[pairs.len()..][..last.len()].copy_from_slice(last);
}

/// Copies rows of `width` that begin `step` apart.
fn copy_rows(from: &[f32], step: usize, to: &mut [f32], width: usize) {
    #[inline(always)]
    fn copy(from: &[f32], step: usize, to: &mut [f32], width: usize) {
        for (to, from) in to.chunks_exact_mut(width).zip(from.chunks(step)) {
            to.copy_from_slice(&from[..width]);
        }
    }
    // The arms do the same, but if the compiler knows the width, a row takes a move or two instead of a call.
    match width {
        4 => copy(from, step, to, 4),
        8 => copy(from, step, to, 8),
        16 => copy(from, step, to, 16),
        32 => copy(from, step, to, 32),
        _ => copy(from, step, to, width),
    }
}

/// Adds rows of `width` to rows that begin `step` apart.
fn add_rows(from: &[f32], to: &mut [f32], step: usize, width: usize) {
    #[inline(always)]
    fn add(from: &[f32], to: &mut [f32], step: usize, width: usize) {
        for (from, to) in from.chunks_exact(width).zip(to.chunks_mut(step)) {
            to[..width].iter_mut().zip(from).for_each(|(to, from)| *to += from);
        }
    }
    vectorized(|| match width {
        4 => add(from, to, step, 4),
        8 => add(from, to, step, 8),
        16 => add(from, to, step, 16),
        32 => add(from, to, step, 32),
        _ => add(from, to, step, width),
    });
}
