//! Spectral normalisation on the CPU, row by row.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::elementwise::map;
use super::fresh::written;
use super::simd::vectorized;
use super::sums::dot;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::spectral_norm::{EPSILON, PowerIterationOps, SpectralNormGradients, SpectralNormOps};

/// Elements that one piece of work covers, about.
const PIECE: usize = 1 << 14;

impl PowerIterationOps for Flex {
    fn iterate(matrix: FlexTensor, u: FlexTensor) -> (FlexTensor, FlexTensor) {
        let [rows, columns] = dims(&matrix);
        let [matrix, u] = [matrix, u].map(contiguous);
        let row_by_row = || elements(&matrix).chunks_exact(columns);
        let mut right = vec![0.0; columns];
        row_by_row().zip(elements(&u)).for_each(|(row, &factor)| add_multiple(&mut right, factor, row));
        make_unit(&mut right);
        let mut left: Vec<f32> = row_by_row().map(|row| dot(row, &right)).collect();
        make_unit(&mut left);
        (tensor(left, [rows]), tensor(right, [columns]))
    }
}

impl SpectralNormOps for Flex {
    fn normalize(matrix: FlexTensor, u: FlexTensor, v: FlexTensor) -> FlexTensor {
        let [scaled, _] = Self::scale(matrix, u, v);
        scaled
    }
}

impl SpectralNormGradients for Flex {
    fn scale(matrix: FlexTensor, u: FlexTensor, v: FlexTensor) -> [FlexTensor; 2] {
        let [_, columns] = dims(&matrix);
        let [matrix, u, v] = [matrix, u, v].map(contiguous);
        let rows = elements(&matrix).chunks_exact(columns).zip(elements(&u));
        let sigma: f32 = rows.map(|(row, u)| u * dot(row, elements(&v))).sum();
        [map(matrix, move |x| x / sigma), tensor(vec![sigma], [1])]
    }

    fn matrix_gradient(
        matrix: FlexTensor,
        u: FlexTensor,
        v: FlexTensor,
        sigma: FlexTensor,
        scaled_gradient: FlexTensor,
    ) -> FlexTensor {
        let shape = matrix.layout().shape().clone();
        let [_, columns] = dims(&matrix);
        let [matrix, u, v, gradient] = [matrix, u, v, scaled_gradient].map(contiguous);
        let (u, v, gradient) = (elements(&u), elements(&v), elements(&gradient));
        let sigma = elements(&sigma)[0];
        let slope = dot(gradient, elements(&matrix)) / sigma / sigma;
        let rows_of_piece = PIECE.div_ceil(columns);
        let out = written(gradient.len(), rows_of_piece * columns, |index, out| {
            let first = index * rows_of_piece;
            for (row, u) in gradient[first * columns..].chunks_exact(columns).zip(&u[first..]).take(rows_of_piece) {
                let factor = slope * u;
                out.extend(row.iter().zip(v).map(move |(g, v)| g / sigma - factor * v));
            }
        });
        tensor(out, shape)
    }
}

/// Rows and columns of a weight of any rank: the first axis, and the others together.
fn dims(matrix: &FlexTensor) -> [usize; 2] {
    let shape = matrix.layout().shape();
    [shape[0], shape.num_elements() / shape[0]]
}

/// Adds `factor` times `row` to `sums`.
fn add_multiple(sums: &mut [f32], factor: f32, row: &[f32]) {
    let pairs = sums.iter_mut().zip(row);
    vectorized(move || pairs.for_each(|(sum, x)| *sum += factor * x));
}

/// Scales a vector to length 1.
fn make_unit(vector: &mut [f32]) {
    let length = libm::sqrtf(dot(vector, vector)) + EPSILON;
    vector.iter_mut().for_each(|x| *x /= length);
}
