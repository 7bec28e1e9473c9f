//! The window that a convolution moves over an image.

use crate::kernels::host::fresh::Piece;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::simd::vectorized;

/// Columns that a product of matrices should have: enough to use cached weights often.
const COLUMNS: usize = 128;

/// Most images in one product, so that there are enough products for all threads.
const MOST_IMAGES: usize = 8;

/// A square window that moves over planes of size `input` in steps of `stride`, 1 or 2, and starts `before` pixels
/// outside. Pairs are (down, right).
///
/// A plane is first copied between zeros, its columns split by parity if the stride is 2: each row becomes `stride`
/// rows, one with the even columns and one with the odd ones. So one element of the window, a tap, sees whole rows
/// without gaps, and the border needs no special case.
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

    /// Writes what the window sees at each place of some images, `[patch_len, images, positions]`, with zeros outside
    /// them.
    pub fn patches(&self, images: &[f32], patches: &mut [f32]) {
        let columns = images.len() / self.input_len() * self.positions();
        with_scratch(self.spread_len(), |spread| {
            spread.fill(0.0);
            for (index, plane) in images.chunks_exact(self.input[0] * self.input[1]).enumerate() {
                self.spread(plane, spread);
                for tap in 0..self.size * self.size {
                    let first = self.first_column(index, tap, columns);
                    let rows = &spread[self.first_seen(tap)..];
                    copy_rows(rows, self.step(), &mut patches[first..][..self.positions()], self.output[1]);
                }
            }
        });
    }

    /// Writes images: for each pixel, the sum over all patches `[patch_len, images, positions]` that see it, plus a
    /// number per plane.
    pub fn add_patches(&self, patches: &[f32], plus: &[f32], images: &mut Piece) {
        let columns = patches.len() / self.patch_len();
        let planes = columns / self.positions() * self.channels;
        with_scratch(self.spread_len(), |spread| {
            for index in 0..planes {
                spread.fill(0.0);
                for tap in 0..self.size * self.size {
                    let first = self.first_column(index, tap, columns);
                    let rows = &mut spread[self.first_seen(tap)..];
                    add_rows(&patches[first..][..self.positions()], rows, self.step(), self.output[1]);
                }
                self.gather(spread, plus[index % self.channels], images);
            }
        });
    }

    /// Where the patches of a tap begin for a plane, counted over all images.
    fn first_column(&self, plane: usize, tap: usize, columns: usize) -> usize {
        let (image, channel) = (plane / self.channels, plane % self.channels);
        (channel * self.size * self.size + tap) * columns + image * self.positions()
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

    /// The first number that a tap sees in a spread plane.
    fn first_seen(&self, tap: usize) -> usize {
        let (row, column) = (tap / self.size, tap % self.size);
        let columns = self.spread_size()[1];
        (row * self.stride + column % self.stride) * columns + column / self.stride
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
