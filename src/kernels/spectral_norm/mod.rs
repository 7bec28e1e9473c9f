//! Spectral normalisation.
//!
//! A weight of any rank counts as the matrix whose rows are the elements of its first axis.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

/// Added to norms, so that a zero matrix gives zeros and not NaN.
pub const EPSILON: f32 = 1e-12;

/// One power iteration on a weight of `rows` rows, from the left vector `u` `[rows]` (Miyato et al. 2018, algorithm 1).
/// The tensors are plain: there is no gradient.
///
/// # Panics
/// If `u` has another length.
pub fn power_iteration<const D: usize>(weight: Tensor<D>, u: Tensor<1>) -> SingularVectors {
    power_iteration_with(weight, u, Launch::default())
}

/// [`power_iteration`] with a choice of launch.
///
/// # Panics
/// As [`power_iteration`].
pub fn power_iteration_with<const D: usize>(weight: Tensor<D>, u: Tensor<1>, launch: Launch) -> SingularVectors {
    assert_eq!(u.dims()[0], weight.dims()[0], "power_iteration: the left vector has an element for each row");
    let [weight, u] = [weight.into_dispatch(), u.into_dispatch()];
    let (left, right) = <Dispatch as PowerIterationOps>::power_iteration(weight, u, launch);
    SingularVectors { left: Tensor::from_dispatch(left), right: Tensor::from_dispatch(right) }
}

/// Estimates of the singular vectors of the largest singular value.
#[derive(Debug, Clone)]
pub struct SingularVectors {
    /// `[rows]`.
    pub left: Tensor<1>,
    /// `[columns]`.
    pub right: Tensor<1>,
}

/// A weight divided by the estimate `u^T W v` of its largest singular value. The gradient flows into the weight alone.
///
/// # Panics
/// If `u` does not have as many elements as the matrix has rows, or `v` as it has columns.
pub fn spectral_norm<const D: usize>(weight: Tensor<D>, u: Tensor<1>, v: Tensor<1>) -> Tensor<D> {
    spectral_norm_with(weight, u, v, Launch::default())
}

/// [`spectral_norm`] with a choice of launch.
///
/// # Panics
/// As [`spectral_norm`].
pub fn spectral_norm_with<const D: usize>(weight: Tensor<D>, u: Tensor<1>, v: Tensor<1>, launch: Launch) -> Tensor<D> {
    let [rows, count] = [weight.dims()[0], weight.dims().iter().product()];
    assert!(u.dims()[0] == rows && v.dims()[0] * rows == count, "spectral_norm: the vectors must fit the matrix");
    let [weight, u, v] = [weight.into_dispatch(), u.into_dispatch(), v.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as SpectralNormOps>::spectral_norm(weight, u, v, launch))
}

/// Power iteration on each backend.
#[backend_extension(Cube, Flex)]
pub trait PowerIterationOps: Backend {
    /// The left and the right vector of [`power_iteration`].
    fn power_iteration(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        launch: Launch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// Spectral normalisation on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait SpectralNormOps: Backend {
    /// [`spectral_norm`].
    fn spectral_norm(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// What its backward pass needs.
pub trait SpectralNormGradients: Backend {
    /// The divided matrix, and its divisor `[1]`.
    fn scale(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
        launch: Launch,
    ) -> [FloatTensor<Self>; 2];

    /// The gradient of the matrix from the gradient of the divided one.
    fn matrix_gradient(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
        sigma: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct SpectralNormBackward;

impl<B: SpectralNormGradients> BackwardPass<B, 1> for SpectralNormBackward {
    /// Matrix, left and right vector, and singular value.
    type Kept = ([FloatTensor<B>; 4], Launch);

    fn gradients(
        ([matrix, u, v, sigma], launch): Self::Kept,
        gradient: FloatTensor<B>,
        _wanted: [bool; 1],
    ) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::matrix_gradient(matrix, u, v, sigma, gradient, launch))]
    }
}

impl<B: SpectralNormOps + SpectralNormGradients, C: CheckpointStrategy> SpectralNormOps for Autodiff<B, C> {
    fn spectral_norm(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let node = matrix.node();
        let [matrix, u, v] = [matrix, u, v].map(|tensor| tensor.into_primitive());
        let [scaled, sigma] = B::scale(matrix.clone(), u.clone(), v.clone(), launch);
        record::<SpectralNormBackward, B, C, 1>([node], scaled, ([matrix, u, v, sigma], launch))
    }
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
            let mut vectors = power_iteration(matrix.clone(), Tensor::ones([rows], &device));
            for _ in 1..400 {
                vectors = power_iteration(matrix.clone(), vectors.left);
            }
            let SingularVectors { left, right } = vectors;
            let image = matrix.matmul(right.unsqueeze_dim(1));
            let product = (image * left.unsqueeze_dim(1)).sum_dim(0);
            let found = product.into_data().iter::<f64>().next().expect("one number");
            let exact = DMatrix::from_row_iterator(rows, columns, values.iter().map(|&x| f64::from(x)));
            let expected = exact.singular_values().max();
            assert!((found - expected).abs() < 1e-3 * expected, "{rows}x{columns}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_zero_matrix_gives_zeros() {
        let device = Device::flex();
        let found = power_iteration(Tensor::<2>::zeros([3, 4], &device), Tensor::ones([3], &device));
        let [left, right] = [found.left, found.right].map(Tensor::into_data);
        assert!(left.iter::<f32>().chain(right.iter::<f32>()).all(|x| x == 0.0));
    }
}
