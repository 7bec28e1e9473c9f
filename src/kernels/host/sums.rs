//! Sums in a fixed order that suits vector units.

use std::array;

use super::simd::vectorized;

/// Number of partial sums that a loop keeps side by side.
const LANES: usize = 16;

/// Sums of `f` over corresponding elements, in a fixed order. For the compiler to use vectors, `f` must own its
/// numbers, the sums must be local to the loop, and it must compute all values of a block before adding any.
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
