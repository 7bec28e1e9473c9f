//! Results that are written once; a vector of zeros would be written twice.

use std::mem::MaybeUninit;

use super::parallel::for_each_piece;
use super::simd::vectorized;

/// A piece of a result that is written from front to back.
pub struct Piece<'a> {
    unwritten: &'a mut [MaybeUninit<f32>],
    /// How many numbers are written. The length of `unwritten` would not do: a write takes it first, so it is empty
    /// even if the write panics.
    count: usize,
}

impl Piece<'_> {
    /// Writes the next numbers, and drops those that do not fit.
    #[inline(always)]
    pub fn extend(&mut self, values: impl Iterator<Item = f32>) {
        self.extend_arrays(values.map(|value| [value]));
    }

    /// Writes the next numbers, `N` at a time, and drops those that do not fit.
    #[inline(always)]
    pub fn extend_arrays<const N: usize>(&mut self, values: impl Iterator<Item = [f32; N]>) {
        let unwritten = std::mem::take(&mut self.unwritten);
        let slots = unwritten.as_chunks_mut::<N>().0;
        let written = vectorized(|| {
            let mut written = 0;
            for (slot, value) in slots.iter_mut().zip(values) {
                *slot = value.map(MaybeUninit::new);
                written += N;
            }
            written
        });
        self.unwritten = &mut unwritten[written..];
        self.count += written;
    }
}

impl<'a> Piece<'a> {
    /// Writes rows of `len` equal numbers, one for each value, and returns them for changes.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn rows_of(&mut self, values: &[f32], len: usize) -> &'a mut [f32] {
        let (rows, rest) = std::mem::take(&mut self.unwritten).split_at_mut(values.len() * len);
        self.unwritten = rest;
        for (row, value) in rows.chunks_exact_mut(len).zip(values) {
            row.fill(MaybeUninit::new(*value));
        }
        self.count += rows.len();
        // SAFETY: there are as many rows as values, so every number is written.
        unsafe { rows.assume_init_mut() }
    }
}

/// A result of `len` numbers in pieces of `piece_len`. `work` writes each piece, given its index.
///
/// # Panics
/// If `work` does not write all of a piece.
pub fn written(len: usize, piece_len: usize, work: impl Fn(usize, &mut Piece) + Send + Sync) -> Vec<f32> {
    let mut result = Vec::with_capacity(len);
    for_each_piece(&mut result.spare_capacity_mut()[..len], piece_len, |index, unwritten| {
        let len = unwritten.len();
        let mut piece = Piece { unwritten, count: 0 };
        work(index, &mut piece);
        assert_eq!(piece.count, len, "a result is written whole");
    });
    // SAFETY: the pieces cover the first `len` numbers, and each number is written.
    unsafe { result.set_len(len) };
    result
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn pieces_are_in_order() {
        let result = written(7, 3, |index, piece| {
            let first = 10.0 * index as f32;
            piece.extend([first].into_iter());
            piece.extend_arrays([[first + 1.0, first + 2.0]].into_iter());
        });
        assert_eq!(result, [0.0, 1.0, 2.0, 10.0, 11.0, 12.0, 20.0]);
    }

    #[test]
    fn rows_of_equal_numbers_can_be_changed() {
        let result = written(5, 5, |_, piece| {
            piece.rows_of(&[1.0, 2.0], 2)[3] += 5.0;
            piece.extend([3.0].into_iter());
        });
        assert_eq!(result, [1.0, 1.0, 2.0, 7.0, 3.0]);
    }

    #[test]
    #[should_panic(expected = "a result is written whole")]
    fn a_gap_is_found() {
        written(4, 2, |_, piece| piece.extend([1.0].into_iter()));
    }

    #[test]
    #[should_panic(expected = "a result is written whole")]
    fn a_write_that_panics_does_not_count() {
        written(2, 2, |_, piece| {
            let write = AssertUnwindSafe(|| piece.extend(std::iter::once_with(|| panic!("there is no number"))));
            assert!(catch_unwind(write).is_err());
        });
    }
}
