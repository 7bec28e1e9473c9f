//! The gradients of the weights in strict arithmetic, in slices of the pixels.

use std::ops::Range;

use super::Strict;
use super::product::{COLUMNS, ROWS, Tile, add_products, packed};
use crate::kernels::conv2d::gpu::{Geometry, slices};
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::strict::{settle, settled};

impl Strict {
    /// Sums of products of the pixels of `y` with what each tap sees of `x` at their places, `[outputs, inputs, taps]`,
    /// and sums of `y`, `[outputs]`: as `conv2d_weight_gradient.wgsl` and `conv2d_weight_sum.wgsl`.
    pub fn sums(&self, x: &[f32], y: &[f32]) -> [Vec<f32>; 2] {
        let outputs = self.geometry.outputs;
        let (columns, order) =
            (self.geometry.columns(), PixelOrder::new(self.geometry.pixels(), slices(&self.geometry)));
        let places = self.geometry.output[0] * self.geometry.output[1];
        let pixels = order.pixels();
        let rows = packed(outputs, pixels.len(), |row, term| {
            let pixel = pixels[term];
            y[(pixel / places * outputs + row) * places + pixel % places]
        });
        let tiles = outputs.div_ceil(ROWS);
        let mut blocks = vec![[[0.0; COLUMNS]; ROWS]; columns.div_ceil(COLUMNS) * tiles];
        for_each_piece(&mut blocks, tiles, |index, block: &mut [Tile]| {
            let seen = self.columns_from(index * COLUMNS, x, &order);
            for (totals, rows) in block.iter_mut().zip(rows.chunks_exact(pixels.len())) {
                for slice in order.slices() {
                    let mut partial = Tile::default();
                    add_products(&mut partial, rows[slice.clone()].iter().zip(&seen[slice]));
                    totals
                        .as_flattened_mut()
                        .iter_mut()
                        .zip(partial.as_flattened())
                        .for_each(|(total, x)| *total += settled(*x));
                }
            }
        });
        let at =
            |row: usize, column: usize| blocks[column / COLUMNS * tiles + row / ROWS][row % ROWS][column % COLUMNS];
        let weights = (0..outputs).flat_map(|row| (0..columns - 1).map(move |column| at(row, column)));
        let [mut weights, biases] =
            [weights.collect(), (0..outputs).map(|row| at(row, columns - 1)).collect::<Vec<f32>>()];
        settle(&mut weights);
        [weights, biases]
    }

    /// Columns of the matrix of patches, `[pixels, COLUMNS]` with the pixels in order of the slices. The last column is
    /// ones, and those behind it are zeros.
    fn columns_from(&self, first: usize, x: &[f32], order: &PixelOrder) -> Vec<[f32; COLUMNS]> {
        let Geometry {
            batch, inputs, input: [height, width], output: [rows, columns], kernel, stride, padding, ..
        } = self.geometry;
        let taps = self.geometry.taps();
        let mut seen = vec![[0.0; COLUMNS]; self.geometry.pixels()];
        for lane in 0..COLUMNS.min(self.geometry.columns() - first) {
            let (channel, tap) = ((first + lane) / taps, (first + lane) % taps);
            if channel == inputs {
                seen.iter_mut().for_each(|row| row[lane] = 1.0);
                continue;
            }
            let source = |place: usize, tap: usize, side: usize| {
                (place * stride + tap).checked_sub(padding).filter(|&place| place < side)
            };
            for (image, row) in (0..batch).flat_map(|image| (0..rows).map(move |row| (image, row))) {
                let Some(from_row) = source(row, tap / kernel, height) else { continue };
                let from = &x[((image * inputs + channel) * height + from_row) * width..][..width];
                for column in 0..columns {
                    if let Some(from_column) = source(column, tap % kernel, width) {
                        seen[order.place((image * rows + row) * columns + column)][lane] = from[from_column];
                    }
                }
            }
        }
        seen
    }
}

/// The pixels of a batch, slice by slice: slice `s` of `S` has the pixels `s`, `s + S` and so on.
struct PixelOrder {
    count: usize,
    slices: usize,
}

impl PixelOrder {
    fn new(count: usize, slices: usize) -> Self {
        Self { count, slices }
    }

    fn start(&self, slice: usize) -> usize {
        slice * (self.count / self.slices) + slice.min(self.count % self.slices)
    }

    /// The place of a pixel.
    fn place(&self, pixel: usize) -> usize {
        self.start(pixel % self.slices) + pixel / self.slices
    }

    /// The places of each slice.
    fn slices(&self) -> impl Iterator<Item = Range<usize>> {
        (0..self.slices).map(|slice| self.start(slice)..self.start(slice + 1))
    }

    /// The pixels in their order.
    fn pixels(&self) -> Vec<usize> {
        (0..self.slices).flat_map(|slice| (slice..self.count).step_by(self.slices)).collect()
    }
}
