//! Rows of tensors.

use std::ops::Range;

use burn::tensor::Tensor;

/// Ranges of rows, in order, one after the other. Ranges that adjoin need no copy.
pub fn rows_of<const D: usize>(tensor: &Tensor<D>, ranges: &[Range<usize>]) -> Tensor<D> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range.clone()),
        }
    }
    let mut parts: Vec<Tensor<D>> =
        joined.into_iter().map(|range| tensor.clone().narrow(0, range.start, range.len())).collect();
    if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, 0) }
}
