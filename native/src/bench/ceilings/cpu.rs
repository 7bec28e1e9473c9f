//! Multiply-adds and copies on the CPU, on all threads.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;
use rayon::prelude::*;

use super::ops::{CeilingOps, MULTIPLY_ADDS};

/// Side of the matrices; three matrices fit into a core's cache.
const SIDE: usize = 128;

/// Elements that a thread copies at a time.
const PIECE: usize = 1 << 16;

impl CeilingOps for Flex {
    /// Products of matrices. Plain loops would be slower: the compiler targets the oldest processor.
    fn multiply_adds(_like: FlexTensor, times: usize) -> FlexTensor {
        let products = times * MULTIPLY_ADDS / (SIDE * SIDE * SIDE);
        let factor = [0.5f32; SIDE * SIDE];
        let mut out = vec![0.0f32; products * SIDE];
        out.par_chunks_mut(SIDE).for_each(|row| {
            let mut product = vec![0.0f32; SIDE * SIDE];
            square(&mut product, &factor);
            row.copy_from_slice(&product[..SIDE]);
        });
        let count = out.len();
        FlexTensor::from_data(TensorData::new(out, [count]))
    }

    fn copy(x: FlexTensor, target: FlexTensor) -> FlexTensor {
        let (x, mut target) = (contiguous(x), contiguous(target));
        let x = x.as_slice::<f32>().expect("the tensor is contiguous and holds f32");
        target.storage_mut::<f32>().par_chunks_mut(PIECE).zip(x.par_chunks(PIECE)).for_each(|(to, from)| {
            to.copy_from_slice(from);
        });
        target
    }
}

/// The product of a matrix with itself, on this thread.
///
/// # Panics
/// If a slice does not hold [`SIDE`] rows of as many elements.
fn square(product: &mut [f32], factor: &[f32]) {
    assert!(product.len() == SIDE * SIDE && factor.len() == SIDE * SIDE, "a product's sizes");
    let (column_stride, row_stride) = (1, SIDE as isize);
    // SAFETY: the assertion keeps every access inside its slice, and `product` is borrowed exclusively.
    unsafe {
        gemm::gemm(
            SIDE,
            SIDE,
            SIDE,
            product.as_mut_ptr(),
            column_stride,
            row_stride,
            false,
            factor.as_ptr(),
            column_stride,
            row_stride,
            factor.as_ptr(),
            column_stride,
            row_stride,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_computed() {
        let mut product = vec![f32::NAN; SIDE * SIDE];
        square(&mut product, &[0.5; SIDE * SIDE]);
        assert!(product.iter().all(|&sum| sum == 0.25 * SIDE as f32));
    }
}
