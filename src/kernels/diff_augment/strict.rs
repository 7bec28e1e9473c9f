//! DiffAugment in strict arithmetic: the sums of `diff_augment.wgsl` and its gradient, in their order.

use crate::kernels::diff_augment::Change;
use crate::kernels::diff_augment::gpu::mean_threads;
use crate::kernels::diff_augment::image::Image;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::strict::{added_up, settle, settled};

/// Invocations that add up the others' sums for a mean.
const PARTS: usize = 8;

impl Image<'_> {
    /// Writes the changed image, with other colours if `color` is set.
    pub fn strictly_changed(&self, color: bool, out: &mut [f32]) {
        if color {
            self.coloured(out)
        } else {
            self.move_to(out)
        }
        settle(out);
    }

    /// Writes the gradient of the plain image, from that of the changed one.
    pub fn strictly_changed_back(&self, color: bool, out: &mut [f32]) {
        if color {
            self.uncoloured(out)
        } else {
            self.move_back_to(out)
        }
        settle(out);
    }

    fn coloured(&self, out: &mut [f32]) {
        let Change { brightness, saturation, contrast, .. } = self.change;
        let mean = self.mean(self.pixels.iter().copied());
        let from_mean = (1.0 - contrast) * (mean + brightness);
        with_scratch(self.pixels.len(), |coloured| {
            self.recolour(coloured, |x, grey| {
                let from_grey = contrast * (1.0 - saturation) * (grey + brightness);
                contrast * saturation * (x + brightness) + from_grey + from_mean
            });
            Image { pixels: coloured, ..*self }.move_to(out);
        });
    }

    fn uncoloured(&self, out: &mut [f32]) {
        let Change { saturation, contrast, .. } = self.change;
        let mean = self.mean_that_counts();
        with_scratch(self.pixels.len(), |moved| {
            moved.fill(0.0);
            self.move_back_to(moved);
            Image { pixels: moved, ..*self }.recolour(out, |g, grey| {
                contrast * saturation * g + contrast * (1.0 - saturation) * grey + (1.0 - contrast) * mean
            });
        });
    }

    /// Writes `f` of each number and the grey value of its pixel.
    fn recolour(&self, out: &mut [f32], f: impl Fn(f32, f32) -> f32) {
        let plane = self.size * self.size;
        let channels = self.pixels.len() / plane;
        for pixel in 0..plane {
            // A missing channel counts as 0.
            let sum = (0..4).fold(None, |sum: Option<f32>, channel| {
                let x = if channel < channels { self.pixels[channel * plane + pixel] } else { 0.0 };
                Some(sum.map_or(x, |sum| sum + x))
            });
            let grey = sum.unwrap_or_default() / channels as f32;
            for at in (pixel..out.len()).step_by(plane) {
                out[at] = f(self.pixels[at], grey);
            }
        }
    }

    /// The mean of an image of so many numbers, of which each invocation adds up every `threads`-th of `values`.
    fn mean(&self, values: impl Iterator<Item = f32>) -> f32 {
        let threads = mean_threads(self.pixels.len());
        let mut sums = vec![0.0; threads];
        values.enumerate().for_each(|(at, x)| sums[at % threads] += x);
        settled(added_up(&sums, PARTS) / self.pixels.len() as f32)
    }

    /// The mean of a gradient, without the pixels that were cut out or came from outside.
    fn mean_that_counts(&self) -> f32 {
        let Change { down, right, top, left, side, .. } = self.change;
        let (plane, inside) = (self.size * self.size, 0..self.size as i32);
        let pixel = |pixel: usize| {
            let [row, column] = [pixel / self.size, pixel % self.size].map(|place| place as i32);
            let is_cut = (top..top + side).contains(&row) && (left..left + side).contains(&column);
            let sum = self.pixels.iter().skip(pixel).step_by(plane).fold(0.0_f32, |sum, x| sum + x);
            let counts = inside.contains(&(row + down)) && inside.contains(&(column - right));
            if counts { sum * if is_cut { 0.0 } else { 1.0 } } else { 0.0 }
        };
        self.mean((0..plane).map(pixel))
    }
}
