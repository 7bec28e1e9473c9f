//! Loops over independent pieces, on all threads if there are threads.

/// Calls `work` for each piece of `len` elements of `out`, with its index. Pieces are independent, so neither their
/// order nor the number of threads affects the result.
pub fn for_each_piece<T: Send>(out: &mut [T], len: usize, work: impl Fn(usize, &mut [T]) + Send + Sync) {
    #[cfg(not(target_family = "wasm"))]
    if out.len() > len && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        return out.par_chunks_mut(len).enumerate().for_each(|(index, piece)| work(index, piece));
    }
    // With one thread or one piece, handing work over would only cost time.
    out.chunks_mut(len).enumerate().for_each(|(index, piece)| work(index, piece));
}
