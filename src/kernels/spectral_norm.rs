//! Spectral normalisation.
//!
//! A weight of any rank counts as the matrix whose rows are the elements of its first axis.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::stock;

/// Added to norms, so that a zero matrix gives zeros and not NaN.
pub const EPSILON: f32 = 1e-12;

/// One power iteration on a weight of `rows` rows, from the left vector `u` `[rows]` (Miyato et al. 2018, algorithm 1).
/// Returns the new left `[rows]` and right `[columns]` vectors. Nothing is differentiated: the tensors are plain.
///
/// # Panics
/// If `u` is of another length.
pub fn power_iteration<const D: usize>(weight: Tensor<D>, u: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
    assert_eq!(u.dims()[0], weight.dims()[0], "power_iteration: the left vector has an element for each row");
    if !stock::is_chosen() {
        let (u, v) = <Dispatch as PowerIterationOps>::iterate(weight.into_dispatch(), u.into_dispatch());
        return (Tensor::from_dispatch(u), Tensor::from_dispatch(v));
    }
    let matrix = as_matrix(weight);
    let v = unit(matrix.clone().transpose().matmul(u.unsqueeze_dim(1)));
    let u = unit(matrix.matmul(v.clone()));
    (u.squeeze_dim(1), v.squeeze_dim(1))
}

/// A weight divided by the estimate `u^T W v` of its largest singular value. The gradient flows into the weight alone.
///
/// # Panics
/// If `u` or `v` has not as many elements as the matrix rows or columns.
pub fn normalize<const D: usize>(weight: Tensor<D>, u: Tensor<1>, v: Tensor<1>) -> Tensor<D> {
    let [rows, count] = [weight.dims()[0], weight.dims().iter().product()];
    assert!(u.dims()[0] == rows && v.dims()[0] * rows == count, "normalize: vectors and matrix are of one size");
    if !stock::is_chosen() {
        let [weight, u, v] = [weight.into_dispatch(), u.into_dispatch(), v.into_dispatch()];
        return Tensor::from_dispatch(<Dispatch as SpectralNormOps>::normalize(weight, u, v));
    }
    let sigma = singular_value(as_matrix(weight.clone()), u, v);
    weight / sigma.unsqueeze()
}

/// The estimate `u^T W v` of the largest singular value of `[rows, columns]`, `[1]`.
fn singular_value(matrix: Tensor<2>, u: Tensor<1>, v: Tensor<1>) -> Tensor<1> {
    let image = matrix.matmul(v.unsqueeze_dim(1));
    (image * u.unsqueeze_dim(1)).sum_dim(0).reshape([1])
}

fn as_matrix<const D: usize>(weight: Tensor<D>) -> Tensor<2> {
    let rows = weight.dims()[0];
    let columns = weight.dims()[1..].iter().product();
    weight.reshape([rows, columns])
}

/// Power iteration on each backend.
#[backend_extension(Cube, Flex)]
pub trait PowerIterationOps: Backend {
    /// [`power_iteration`].
    fn iterate(matrix: FloatTensor<Self>, u: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>);
}

/// Spectral normalisation on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait SpectralNormOps: Backend {
    /// [`normalize`].
    fn normalize(matrix: FloatTensor<Self>, u: FloatTensor<Self>, v: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// What its backward pass needs.
pub trait SpectralNormGradients: Backend {
    /// The divided matrix, and what it was divided by, `[1]`.
    fn scale(matrix: FloatTensor<Self>, u: FloatTensor<Self>, v: FloatTensor<Self>) -> [FloatTensor<Self>; 2];

    /// The gradient of the matrix from that of the divided one.
    fn matrix_gradient(
        matrix: FloatTensor<Self>,
        u: FloatTensor<Self>,
        v: FloatTensor<Self>,
        sigma: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct NormalizeBackward;

impl<B: SpectralNormOps + SpectralNormGradients> Backward<B, 1> for NormalizeBackward {
    /// Matrix, left and right vector, and singular value.
    type State = [FloatTensor<B>; 4];

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        if let [Some(node)] = ops.parents {
            let [matrix, u, v, sigma] = ops.state;
            grads.register::<B>(node.id, B::matrix_gradient(matrix, u, v, sigma, gradient));
        }
    }
}

impl<B: SpectralNormOps + SpectralNormGradients, C: CheckpointStrategy> SpectralNormOps for Autodiff<B, C> {
    fn normalize(matrix: FloatTensor<Self>, u: FloatTensor<Self>, v: FloatTensor<Self>) -> FloatTensor<Self> {
        let node = matrix.node();
        let [matrix, u, v] = [matrix, u, v].map(|tensor| tensor.into_primitive());
        match NormalizeBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let [scaled, sigma] = B::scale(matrix.clone(), u.clone(), v.clone());
                prep.finish([matrix, u, v, sigma], scaled)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::normalize(matrix, u, v)),
        }
    }
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
        let (u, v) = power_iteration(Tensor::<2>::zeros([3, 4], &device), Tensor::ones([3], &device));
        assert!(u.into_data().iter::<f32>().chain(v.into_data().iter::<f32>()).all(|x| x == 0.0));
    }
}
