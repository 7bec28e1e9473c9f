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
