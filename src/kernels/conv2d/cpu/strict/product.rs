//! Products of matrices in which every sum is one chain of products, added in the order of its terms.

use std::array;

use crate::kernels::host::simd::vectorized;

/// Rows and columns of a tile, whose sums stay in registers.
pub const ROWS: usize = 4;
pub const COLUMNS: usize = 16;

/// The sums of a tile.
pub type Tile = [[f32; COLUMNS]; ROWS];

/// Rows of a matrix, `ROWS` at a time: `[tiles, terms, ROWS]`. Missing rows are zeros.
pub fn packed(rows: usize, terms: usize, element: impl Fn(usize, usize) -> f32) -> Vec<[f32; ROWS]> {
    let tiles = (0..rows).step_by(ROWS);
    let of_term = |first: usize, term: usize| {
        array::from_fn(|row| if first + row < rows { element(first + row, term) } else { 0.0 })
    };
    tiles
        .flat_map(|first| (0..terms).map(move |term| (first, term)))
        .map(|(first, term)| of_term(first, term))
        .collect()
}

/// Adds the products of pairs to a tile, one pair after the other.
#[inline(always)]
pub fn add_products<'a>(tile: &mut Tile, pairs: impl Iterator<Item = (&'a [f32; ROWS], &'a [f32; COLUMNS])>) {
    let start = *tile;
    *tile = vectorized(move || {
        let mut sums = start;
        for (left, right) in pairs {
            for (sums, left) in sums.iter_mut().zip(left) {
                sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += left * right);
            }
        }
        sums
    });
}

/// Writes `out` `[rows, columns]`: for each row its number in `start`, plus its products with the rows of `patches` that
/// begin at `terms`. `weights` are [`packed`], and `patches` go on for a tile behind their last row.
pub fn multiply(out: &mut [f32], start: &[f32], weights: &[[f32; ROWS]], terms: &[usize], patches: &[f32]) {
    let columns = out.len() / start.len();
    for first in (0..columns).step_by(COLUMNS) {
        let width = COLUMNS.min(columns - first);
        for (index, (start, out)) in start.chunks(ROWS).zip(out.chunks_mut(ROWS * columns)).enumerate() {
            let mut tile: Tile = array::from_fn(|row| [start.get(row).copied().unwrap_or_default(); COLUMNS]);
            let weights = &weights[index * terms.len()..][..terms.len()];
            add_products(&mut tile, weights.iter().zip(terms.iter().map(|&term| block(&patches[term + first..]))));
            for (out, sums) in out.chunks_mut(columns).zip(&tile) {
                out[first..][..width].copy_from_slice(&sums[..width]);
            }
        }
    }
}

fn block(row: &[f32]) -> &[f32; COLUMNS] {
    row.first_chunk().expect("the patches go on for a tile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sum_is_a_chain_in_order() {
        let (rows, terms, columns) = (5, 7, 19);
        let weight = |row: usize, term: usize| (row * terms + term) as f32 * 0.37 - 4.0;
        let mut patches: Vec<f32> = (0..terms * columns).map(|at| (at % 23) as f32 * 0.11 - 1.0).collect();
        patches.resize(terms * columns + COLUMNS, f32::NAN);
        let start: Vec<f32> = (0..rows).map(|row| row as f32 + 0.3).collect();
        // Another order than that of the patches.
        let order = [3, 0, 6, 1, 5, 2, 4];
        let firsts = order.map(|term| term * columns);
        let weights = packed(rows, terms, |row, term| weight(row, order[term]));
        let mut out = vec![f32::NAN; rows * columns];
        multiply(&mut out, &start, &weights, &firsts, &patches);
        for (at, found) in out.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let add = |sum: f32, &term: &usize| sum + weight(row, term) * patches[term * columns + column];
            assert_eq!(*found, order.iter().fold(start[row], add), "{row} {column}");
        }
    }
}
