//! An image on the CPU while DiffAugment changes it.

use std::ops::Range;

use crate::kernels::diff_augment::Change;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::simd::vectorized;
use crate::kernels::host::sums::sum;

/// An image or its gradient, `[channels, size, size]`, and its change.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    pub pixels: &'a [f32],
    pub size: usize,
    pub change: Change,
}

impl Image<'_> {
    /// Writes the pixels with other colours, `contrast * (saturation * x + (1 - saturation) * grey) + (1 - contrast) *
    /// mean + brightness`, where `grey` is the mean of a pixel's channels and `mean` the mean of the image.
    pub fn colour(&self, brightness: f32, out: &mut [f32]) {
        let Change { saturation, contrast, .. } = self.change;
        let plane = self.size * self.size;
        let mean = sum(self.pixels) / self.pixels.len() as f32;
        let (own, of_grey) = (contrast * saturation, contrast * (1.0 - saturation));
        let level = (1.0 - contrast) * mean + brightness;
        with_scratch(plane, |grey| {
            self.greys(grey);
            for (out, pixels) in out.chunks_exact_mut(plane).zip(self.pixels.chunks_exact(plane)) {
                let numbers = out.iter_mut().zip(pixels).zip(&*grey);
                vectorized(move || numbers.for_each(|((out, x), grey)| *out = own * x + of_grey * grey + level));
            }
        });
    }

    /// Writes the mean of the channels of each pixel.
    fn greys(&self, grey: &mut [f32]) {
        let share = 1.0 / (self.pixels.len() / grey.len()) as f32;
        grey.fill(0.0);
        for plane in self.pixels.chunks_exact(grey.len()) {
            let numbers = grey.iter_mut().zip(plane);
            vectorized(move || numbers.for_each(|(grey, x)| *grey += share * x));
        }
    }

    /// Writes the pixels to their shifted places, and multiplies those in the cut square by 0. Leaves places alone that
    /// no pixel moves to.
    pub fn move_to(&self, out: &mut [f32]) {
        self.each_stretch(|target, source, cut| self.copy(source, out, target, cut));
    }

    /// Writes the pixels back to their places before the shift, and multiplies those in the cut square by 0.
    pub fn move_back_to(&self, out: &mut [f32]) {
        self.each_stretch(|target, source, cut| self.copy(target, out, source, cut));
    }

    /// Calls `each` for each row of each plane with the pixels that stay inside the image: their new places, their old
    /// places, and the new places that are cut out.
    fn each_stretch(&self, mut each: impl FnMut(Range<usize>, Range<usize>, Range<usize>)) {
        let Self { size, change: Change { down, right, top, left, side, .. }, .. } = *self;
        let limit = size as i32;
        let [rows, columns] = [down, -right].map(|shift| (-shift).max(0)..(limit - shift).min(limit));
        let width = columns.len();
        let cut = [left, left + side].map(|end| (end - columns.start).clamp(0, width as i32) as usize);
        for plane in 0..self.pixels.len() / (size * size) {
            let stretch = |row: i32, column: i32| {
                let start = (plane * size + row as usize) * size + column as usize;
                start..start + width
            };
            for row in rows.clone() {
                let cut = if (top..top + side).contains(&row) { cut[0]..cut[1] } else { 0..0 };
                each(stretch(row, columns.start), stretch(row + down, columns.start - right), cut);
            }
        }
    }

    fn copy(&self, from: Range<usize>, out: &mut [f32], to: Range<usize>, cut: Range<usize>) {
        let out = &mut out[to];
        out.copy_from_slice(&self.pixels[from]);
        // Multiplied, so that NaN stays NaN.
        out[cut].iter_mut().for_each(|x| *x *= 0.0);
    }
}
