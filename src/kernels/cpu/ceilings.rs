//! Multiply-adds and copies on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::matrix::{Matrix, Output, multiply};
use super::parallel::for_each_piece;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::ceilings::{CeilingOps, MULTIPLY_ADDS};

/// Side of the matrices that are multiplied; three of them fit into a core's cache.
const SIDE: usize = 128;

/// Elements that a thread copies at a time.
const PIECE: usize = 1 << 16;

impl CeilingOps for Flex {
    /// Products of matrices: plain loops would be compiled for the oldest processor, and reach less than the products do.
    fn multiply_adds(_like: FlexTensor) -> FlexTensor {
        let products = MULTIPLY_ADDS / (SIDE * SIDE * SIDE);
        let factor = vec![0.5; SIDE * SIDE];
        let mut out = vec![0.0; products * SIDE];
        for_each_piece(&mut out, SIDE, |_, row| {
            let mut product = vec![0.0; SIDE * SIDE];
            let (a, b) = (Matrix::rows(&factor, SIDE), Matrix::rows(&factor, SIDE));
            multiply(&mut product, Output::Replace, a, b, [SIDE; 3]);
            row.copy_from_slice(&product[..SIDE]);
        });
        let count = out.len();
        tensor(out, [count])
    }

    fn copy(x: FlexTensor, target: FlexTensor) -> FlexTensor {
        let (x, mut target) = (contiguous(x), contiguous(target));
        let x = elements(&x);
        for_each_piece(target.storage_mut::<f32>(), PIECE, |index, piece| {
            piece.copy_from_slice(&x[index * PIECE..][..piece.len()]);
        });
        target
    }
}
