//! Loops over independent pieces, on all threads where there are threads.

/// Calls `work` for each piece of `len` elements of `out`, with its number. Pieces are independent, so their order, and
/// the number of threads, cannot show.
pub fn for_each_piece<T: Send>(out: &mut [T], len: usize, work: impl Fn(usize, &mut [T]) + Send + Sync) {
    #[cfg(not(target_family = "wasm"))]
    {
        use rayon::prelude::*;
        out.par_chunks_mut(len).enumerate().for_each(|(index, piece)| work(index, piece));
    }
    #[cfg(target_family = "wasm")]
    out.chunks_mut(len).enumerate().for_each(|(index, piece)| work(index, piece));
}
