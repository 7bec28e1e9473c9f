//! Sums in an order that is fixed and that vector units like.

use std::array;

use super::simd::vectorized;

/// Numbers that are added side by side: their sum has a fixed order that vector units like.
const LANES: usize = 16;

/// Sums of `f` over corresponding elements, in a fixed order. For the compiler to use vectors, `f` must own its numbers,
/// the sums be the loop's own, and a block's values be computed before any of them is added.
#[inline(always)]
pub fn sums_by<const N: usize>(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> [f32; N]) -> [f32; N] {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let sums = vectorized(move || {
        let mut sums = [[0.0; LANES]; N];
        for (a, b) in a_blocks.iter().zip(b_blocks) {
            let values: [_; LANES] = array::from_fn(|lane| f(a[lane], b[lane]));
            for (which, sums) in sums.iter_mut().enumerate() {
                (0..LANES).for_each(|lane| sums[lane] += values[lane][which]);
            }
        }
        for (lane, (&a, &b)) in a_rest.iter().zip(b_rest).enumerate() {
            sums.iter_mut().zip(f(a, b)).for_each(|(sums, value)| sums[lane] += value);
        }
        sums
    });
    sums.map(|lanes| lanes.iter().sum())
}

/// The sum of a slice, in a fixed order.
pub fn sum(values: &[f32]) -> f32 {
    let [sum] = sums_by(values, values, |x, _| [x]);
    sum
}

/// The sum of the products of corresponding elements, in a fixed order.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let [sum] = sums_by(a, b, |a, b| [a * b]);
    sum
}
