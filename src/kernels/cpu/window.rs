//! What a convolution reads: the window that moves over an image.

use std::ops::Range;

/// A window of `size` that moves over planes of `input` by `stride`, and starts `before` outside of them. All pairs are
/// (down, right).
#[derive(Debug)]
pub struct Window {
    /// Planes of an image.
    pub channels: usize,
    /// Size of a plane.
    pub input: [usize; 2],
    /// Size of the window.
    pub size: [usize; 2],
    /// Places.
    pub output: [usize; 2],
    stride: usize,
    /// What is seen through each element of the window, row by row.
    taps: Vec<[Seen; 2]>,
}

impl Window {
    /// A window over images of `channels` planes.
    pub fn new(
        channels: usize,
        input: [usize; 2],
        size: [usize; 2],
        before: [usize; 2],
        stride: usize,
        output: [usize; 2],
    ) -> Self {
        let along = |axis: usize, offset| Seen::new(input[axis], before[axis], stride, output[axis], offset);
        let taps = (0..size[0] * size[1]).map(|tap| [along(0, tap / size[1]), along(1, tap % size[1])]);
        Self { channels, input, size, output, stride, taps: taps.collect() }
    }

    /// Places in all.
    pub fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Whether every place sees its own pixel alone, so that patches are the image.
    pub fn is_identity(&self) -> bool {
        self.size == [1, 1] && self.stride == 1 && self.input == self.output
    }

    /// Numbers that are seen at a place.
    pub fn patch_len(&self) -> usize {
        self.channels * self.taps.len()
    }

    /// Writes what is seen at each place, `[patch_len, positions]`, with zeros outside of the image.
    pub fn patches(&self, image: &[f32], patches: &mut [f32]) {
        let planes = image.chunks_exact(self.input[0] * self.input[1]);
        for (plane, patches) in planes.zip(patches.chunks_exact_mut(self.taps.len() * self.positions())) {
            for ([rows, columns], out) in self.taps.iter().zip(patches.chunks_exact_mut(self.positions())) {
                let (above, rest) = out.split_at_mut(rows.outputs.start * self.output[1]);
                let (inside, below) = rest.split_at_mut(rows.outputs.len() * self.output[1]);
                above.fill(0.0);
                below.fill(0.0);
                for (y, out) in inside.chunks_exact_mut(self.output[1]).enumerate() {
                    let source = &plane[(rows.first + y * self.stride) * self.input[1]..][..self.input[1]];
                    self.copy_row(source, columns, out);
                }
            }
        }
    }

    fn copy_row(&self, source: &[f32], columns: &Seen, out: &mut [f32]) {
        out[..columns.outputs.start].fill(0.0);
        out[columns.outputs.end..].fill(0.0);
        let out = &mut out[columns.outputs.clone()];
        if self.stride == 1 {
            out.copy_from_slice(&source[columns.first..][..out.len()]);
        } else {
            let seen = source[columns.first..].chunks(self.stride);
            out.iter_mut().zip(seen).for_each(|(out, x)| *out = x[0]);
        }
    }

    /// Adds gradients of patches, `[patch_len, positions]`, to the gradient of the image that they were read from.
    pub fn add_patches(&self, patches: &[f32], image: &mut [f32]) {
        let planes = image.chunks_exact_mut(self.input[0] * self.input[1]);
        for (plane, patches) in planes.zip(patches.chunks_exact(self.taps.len() * self.positions())) {
            for ([rows, columns], gradient) in self.taps.iter().zip(patches.chunks_exact(self.positions())) {
                for y in rows.outputs.clone() {
                    let gradient = &gradient[y * self.output[1]..][columns.outputs.clone()];
                    let row = rows.first + (y - rows.outputs.start) * self.stride;
                    let target = &mut plane[row * self.input[1]..][..self.input[1]][columns.first..];
                    if self.stride == 1 {
                        target.iter_mut().zip(gradient).for_each(|(x, g)| *x += g);
                    } else {
                        target.chunks_mut(self.stride).zip(gradient).for_each(|(x, g)| x[0] += g);
                    }
                }
            }
        }
    }
}

/// The places along an axis where the image is seen, and what the first of them sees.
#[derive(Debug)]
struct Seen {
    outputs: Range<usize>,
    first: usize,
}

impl Seen {
    /// What is seen through the window's row or column `offset`.
    fn new(input: usize, before: usize, stride: usize, output: usize, offset: usize) -> Self {
        let end = (input + before).saturating_sub(offset).div_ceil(stride).min(output);
        let start = before.saturating_sub(offset).div_ceil(stride).min(end);
        // Where nothing is seen, any position inside the image will do.
        Self { outputs: start..end, first: (start * stride + offset).saturating_sub(before).min(input - 1) }
    }
}
