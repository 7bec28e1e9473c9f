//! The two loops as operations of each backend.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, backend_extension};

/// Multiply-adds of a single loop, on every backend.
pub const MULTIPLY_ADDS: usize = 1 << 30;

/// Numbers that each call copies.
pub const COPIED: usize = 1 << 24;

/// The two loops on each backend.
#[backend_extension(Cube, Flex)]
pub trait CeilingOps: Backend {
    /// Does [`MULTIPLY_ADDS`] `times` times.
    fn multiply_adds(like: FloatTensor<Self>, times: usize) -> FloatTensor<Self>;

    /// Copies `x` into `target`, and returns the result.
    fn copy(x: FloatTensor<Self>, target: FloatTensor<Self>) -> FloatTensor<Self>;
}
