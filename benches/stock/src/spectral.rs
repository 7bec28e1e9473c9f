//! Spectral normalisation (Miyato et al. 2018), composed of tensor operations.

use burn::module::{Module, Param};
use burn::tensor::{Device, Distribution, Tensor};

/// The singular vectors that power iteration has reached, of a matrix `[rows, columns]`.
#[derive(Module, Debug)]
pub struct SpectralNorm {
    /// `[rows]`.
    left: Param<Tensor<1>>,
    /// `[columns]`.
    right: Param<Tensor<1>>,
}

impl SpectralNorm {
    /// Random vectors.
    pub fn new(rows: usize, columns: usize, device: &Device) -> Self {
        let random = |length| {
            let draws = Tensor::<1>::random([length], Distribution::Normal(0.0, 1.0), device);
            Param::from_tensor(unit(draws.unsqueeze_dim(1)).squeeze_dim(1)).set_require_grad(false)
        };
        Self { left: random(rows), right: random(columns) }
    }

    /// One power iteration on a weight. No gradient flows through it.
    pub fn iterate(&mut self, matrix: Tensor<2>) {
        let (left, right) = power_iteration(matrix.without_autodiff(), self.left.val().without_autodiff());
        self.left = replaced(&self.left, left);
        self.right = replaced(&self.right, right);
    }

    /// The estimate of the largest singular value, `[1, 1]`. The gradient flows only into the matrix.
    pub fn singular_value(&self, matrix: Tensor<2>) -> Tensor<2> {
        singular_value(matrix, self.left.val(), self.right.val())
    }
}

/// One power iteration on `[rows, columns]` from the left vector `[rows]`: the new left `[rows]` and right `[columns]`.
pub fn power_iteration(matrix: Tensor<2>, left: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
    let right = unit(matrix.clone().transpose().matmul(left.unsqueeze_dim(1)));
    let left = unit(matrix.matmul(right.clone()));
    (left.squeeze_dim(1), right.squeeze_dim(1))
}

/// The estimate `left^T W right` of the largest singular value, `[1, 1]`.
pub fn singular_value(matrix: Tensor<2>, left: Tensor<1>, right: Tensor<1>) -> Tensor<2> {
    let image = matrix.matmul(right.unsqueeze_dim(1));
    (image * left.unsqueeze_dim(1)).sum_dim(0)
}

/// A column `[n, 1]` scaled to length 1.
fn unit(column: Tensor<2>) -> Tensor<2> {
    let norm = column.clone().square().sum_dim(0).sqrt();
    column / (norm + 1e-12)
}

/// The parameter with another value, on its device.
fn replaced(param: &Param<Tensor<1>>, value: Tensor<1>) -> Param<Tensor<1>> {
    param.clone().map(|old| if old.is_autodiff() { value.autodiff() } else { value })
}
