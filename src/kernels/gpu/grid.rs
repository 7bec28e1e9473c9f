//! Grids that several kernels share.

use crate::kernels::shader::elementwise;

/// Elements that an invocation of the elementwise kernels computes.
const ELEMENTS: usize = 4;

/// The grid of a kernel with one invocation for every four of `count` elements.
pub fn by_fours(count: usize) -> [usize; 3] {
    elementwise(count.div_ceil(ELEMENTS))
}
