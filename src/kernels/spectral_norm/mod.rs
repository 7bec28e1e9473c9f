//! Spectral normalisation of all weights of a network at once.
//!
//! A weight of any rank counts as the matrix whose rows are the elements of its first axis. The weights share a buffer,
//! in which other parameters may lie between them ([`Matrices`]). Dividing them is not a part of the graph of the
//! backward pass: the network computes with the divided weights, and [`weight_gradients`] turns their gradients into
//! those of the weights.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod matrices;
mod strict;

pub use matrices::{Matrices, Matrix};

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::launch::Launch;

/// Added to norms, so that a zero matrix gives zeros and not NaN.
pub const EPSILON: f32 = 1e-12;

/// Estimates of the singular vectors of the largest singular value of each matrix, at the places of [`Matrices`].
#[derive(Debug, Clone)]
pub struct SingularVectors {
    /// `[rows]` each.
    pub left: Tensor<1>,
    /// `[columns]` each.
    pub right: Tensor<1>,
}

/// Weights divided by the estimates `u^T W v` of their largest singular values.
#[derive(Debug, Clone)]
pub struct Divided {
    /// As long as the buffer of the weights. What lies between the matrices has no meaning.
    pub weights: Tensor<1>,
    /// The divisor of each matrix, `[matrices]`.
    pub sigmas: Tensor<1>,
}

/// One power iteration on each matrix of a buffer, from its left vector `u` (Miyato et al. 2018, algorithm 1).
///
/// # Panics
/// If the buffers are too short, or `lefts` has another length.
pub fn power_iteration(weights: Tensor<1>, lefts: Tensor<1>, matrices: &Matrices) -> SingularVectors {
    power_iteration_with(weights, lefts, matrices, Launch::default())
}

/// [`power_iteration`] with a choice of launch.
///
/// # Panics
/// As [`power_iteration`].
pub fn power_iteration_with(
    weights: Tensor<1>,
    lefts: Tensor<1>,
    matrices: &Matrices,
    launch: Launch,
) -> SingularVectors {
    assert!(weights.dims()[0] >= matrices.end(), "power_iteration: the weights must hold all matrices");
    assert_eq!(lefts.dims(), [matrices.lefts().total()], "power_iteration: a left vector for each matrix");
    let [weights, lefts] = [weights, lefts].map(Tensor::into_dispatch);
    let (left, right) = <Dispatch as SpectralNormOps>::power_iteration(weights, lefts, matrices, launch);
    SingularVectors { left: Tensor::from_dispatch(left), right: Tensor::from_dispatch(right) }
}

/// The matrices of a buffer, divided by the estimates of their largest singular values.
///
/// # Panics
/// If the buffer is too short, or the vectors have other lengths.
pub fn spectral_norm(weights: Tensor<1>, vectors: &SingularVectors, matrices: &Matrices) -> Divided {
    spectral_norm_with(weights, vectors, matrices, Launch::default())
}

/// [`spectral_norm`] with a choice of launch.
///
/// # Panics
/// As [`spectral_norm`].
pub fn spectral_norm_with(
    weights: Tensor<1>,
    vectors: &SingularVectors,
    matrices: &Matrices,
    launch: Launch,
) -> Divided {
    assert!(weights.dims()[0] >= matrices.end(), "spectral_norm: the weights must hold all matrices");
    let [left, right] = checked(vectors, matrices).map(Tensor::into_dispatch);
    let (weights, sigmas) =
        <Dispatch as SpectralNormOps>::spectral_norm(weights.into_dispatch(), left, right, matrices, launch);
    Divided { weights: Tensor::from_dispatch(weights), sigmas: Tensor::from_dispatch(sigmas) }
}

/// The gradients of the weights from `gradients`, those of the divided weights, with constant vectors. What lies between
/// the matrices stays as it is.
///
/// # Panics
/// If a buffer has another length than the weights, or does not fit the matrices.
pub fn weight_gradients(
    weights: Tensor<1>,
    vectors: &SingularVectors,
    sigmas: Tensor<1>,
    gradients: Tensor<1>,
    matrices: &Matrices,
) -> Tensor<1> {
    weight_gradients_with(weights, vectors, sigmas, gradients, matrices, Launch::default())
}

/// [`weight_gradients`] with a choice of launch.
///
/// # Panics
/// As [`weight_gradients`].
pub fn weight_gradients_with(
    weights: Tensor<1>,
    vectors: &SingularVectors,
    sigmas: Tensor<1>,
    gradients: Tensor<1>,
    matrices: &Matrices,
    launch: Launch,
) -> Tensor<1> {
    assert!(weights.dims()[0] >= matrices.end(), "weight_gradients: the weights must hold all matrices");
    assert_eq!(weights.dims(), gradients.dims(), "weight_gradients: a gradient for each weight");
    assert_eq!(sigmas.dims(), [matrices.list().len()], "weight_gradients: a divisor for each matrix");
    let [left, right] = checked(vectors, matrices);
    let [weights, left, right, sigmas, gradients] =
        [weights, left, right, sigmas, gradients].map(Tensor::into_dispatch);
    let operands = Operands { weights, left, right, sigmas };
    Tensor::from_dispatch(<Dispatch as SpectralNormOps>::weight_gradients(operands, gradients, matrices, launch))
}

/// The left and the right vectors, if they have the lengths that the matrices need.
fn checked(vectors: &SingularVectors, matrices: &Matrices) -> [Tensor<1>; 2] {
    let SingularVectors { left, right } = vectors.clone();
    assert_eq!(left.dims(), [matrices.lefts().total()], "spectral_norm: a left vector for each matrix");
    assert_eq!(right.dims(), [matrices.rights().total()], "spectral_norm: a right vector for each matrix");
    [left, right]
}

/// What the gradients of the weights need besides those of the divided ones.
#[derive(burn::backend::ExtensionType)]
pub struct Operands<B: Backend> {
    /// The weights.
    pub weights: FloatTensor<B>,
    /// Their left vectors.
    pub left: FloatTensor<B>,
    /// Their right vectors.
    pub right: FloatTensor<B>,
    /// Their divisors.
    pub sigmas: FloatTensor<B>,
}

/// Spectral normalisation on each backend.
#[backend_extension(Cube, Flex)]
pub trait SpectralNormOps: Backend {
    /// The left and the right vectors of [`power_iteration`].
    fn power_iteration(
        weights: FloatTensor<Self>,
        lefts: FloatTensor<Self>,
        matrices: &Matrices,
        launch: Launch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The weights and the divisors of [`spectral_norm`].
    fn spectral_norm(
        weights: FloatTensor<Self>,
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        matrices: &Matrices,
        launch: Launch,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// [`weight_gradients`].
    fn weight_gradients(
        #[extension_type] operands: Operands<Self>,
        gradients: FloatTensor<Self>,
        matrices: &Matrices,
        launch: Launch,
    ) -> FloatTensor<Self>;
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
            let matrices = Matrices::new(&[(0, vec![rows, columns])]);
            let values = stream(4, Purpose::Test, rows as u64).normals(rows * columns);
            let weight = Tensor::<1>::from_data(TensorData::new(values.clone(), [rows * columns]), &device);
            let mut vectors = power_iteration(weight.clone(), Tensor::ones([rows], &device), &matrices);
            for _ in 1..400 {
                vectors = power_iteration(weight.clone(), vectors.left, &matrices);
            }
            let found = spectral_norm(weight, &vectors, &matrices).sigmas;
            let found = found.into_data().iter::<f64>().next().expect("one number");
            let exact = DMatrix::from_row_iterator(rows, columns, values.iter().map(|&x| f64::from(x)));
            let expected = exact.singular_values().max();
            assert!((found - expected).abs() < 1e-3 * expected, "{rows}x{columns}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_zero_matrix_gives_zeros() {
        let device = Device::flex();
        let matrices = Matrices::new(&[(0, vec![3, 4])]);
        let found = power_iteration(Tensor::zeros([12], &device), Tensor::ones([3], &device), &matrices);
        let [left, right] = [found.left, found.right].map(Tensor::into_data);
        assert!(left.iter::<f32>().chain(right.iter::<f32>()).all(|x| x == 0.0));
    }

    #[test]
    #[should_panic(expected = "share no elements")]
    fn matrices_do_not_overlap() {
        Matrices::new(&[(0, vec![3, 4]), (11, vec![1, 1])]);
    }
}
