//! Spectral normalisation.

use burn::tensor::Tensor;

/// Added to norms, so that a zero matrix gives zeros and not NaN.
const EPSILON: f32 = 1e-12;

/// One power iteration on a matrix `[rows, columns]` from the left vector `u` `[rows]` (Miyato et al. 2018, algorithm 1).
/// Returns the new left and right vectors.
pub fn power_iteration(matrix: Tensor<2>, u: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
    let v = unit(matrix.clone().transpose().matmul(u.unsqueeze_dim(1)));
    let u = unit(matrix.matmul(v.clone()));
    (u.squeeze_dim(1), v.squeeze_dim(1))
}

/// The estimate `u^T W v` of the largest singular value, `[1]`; its gradient flows into the matrix alone.
pub fn singular_value(matrix: Tensor<2>, u: Tensor<1>, v: Tensor<1>) -> Tensor<1> {
    let image = matrix.matmul(v.unsqueeze_dim(1));
    (image * u.unsqueeze_dim(1)).sum_dim(0).reshape([1])
}

/// A column `[n, 1]` scaled to length 1.
fn unit(column: Tensor<2>) -> Tensor<2> {
    let norm = (column.clone() * column.clone()).sum_dim(0).sqrt();
    column / (norm + EPSILON)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use nalgebra::DMatrix;

    use super::*;
    use crate::rng::{Purpose, stream};

    #[test]
    fn power_iteration_finds_the_largest_singular_value() {
        let device = Device::flex();
        for (rows, columns) in [(1, 1), (7, 3), (16, 144), (64, 64)] {
            let values = stream(4, Purpose::Test, rows as u64).normals(rows * columns);
            let matrix = Tensor::<2>::from_data(TensorData::new(values.clone(), [rows, columns]), &device);
            let mut u = Tensor::<1>::ones([rows], &device);
            let mut v = Tensor::<1>::ones([columns], &device);
            for _ in 0..400 {
                (u, v) = power_iteration(matrix.clone(), u);
            }
            let found = singular_value(matrix, u, v).into_data().iter::<f64>().next().expect("one number");
            let exact = DMatrix::from_row_iterator(rows, columns, values.iter().map(|&x| f64::from(x)));
            let expected = exact.singular_values().max();
            assert!((found - expected).abs() < 1e-3 * expected, "{rows}x{columns}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_zero_matrix_gives_zeros() {
        let device = Device::flex();
        let (u, v) = power_iteration(Tensor::zeros([3, 4], &device), Tensor::ones([3], &device));
        assert!(u.into_data().iter::<f32>().chain(v.into_data().iter::<f32>()).all(|x| x == 0.0));
    }
}
