//! Spectral normalisation on the CPU, row by row, on one thread: for such small weights, waking other threads takes
//! longer.

use std::array;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::fresh::written;
use crate::kernels::host::simd::vectorized;
use crate::kernels::host::sums::dot;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::spectral_norm::{EPSILON, PowerIterationOps, SpectralNormGradients, SpectralNormOps};

/// Rows added at a time, so that the loop fetches the sums less often.
const BLOCK: usize = 4;

impl PowerIterationOps for Flex {
    fn power_iteration(matrix: FlexTensor, u: FlexTensor, _launch: Launch) -> (FlexTensor, FlexTensor) {
        let [rows, columns] = dims(&matrix);
        let [matrix, u] = [matrix, u].map(contiguous);
        let row_by_row = || elements(&matrix).chunks_exact(columns);
        let mut right = vec![0.0; columns];
        for (rows, factors) in elements(&matrix).chunks(BLOCK * columns).zip(elements(&u).chunks(BLOCK)) {
            add_multiples(&mut right, factors, rows);
        }
        make_unit(&mut right);
        let mut left: Vec<f32> = row_by_row().map(|row| dot(row, &right)).collect();
        make_unit(&mut left);
        (tensor(left, [rows]), tensor(right, [columns]))
    }
}

impl SpectralNormOps for Flex {
    fn spectral_norm(matrix: FlexTensor, u: FlexTensor, v: FlexTensor, launch: Launch) -> FlexTensor {
        let [scaled, _] = Self::scale(matrix, u, v, launch);
        scaled
    }
}

impl SpectralNormGradients for Flex {
    fn scale(matrix: FlexTensor, u: FlexTensor, v: FlexTensor, _launch: Launch) -> [FlexTensor; 2] {
        let [_, columns] = dims(&matrix);
        let [matrix, u, v] = [matrix, u, v].map(contiguous);
        let rows = elements(&matrix).chunks_exact(columns).zip(elements(&u));
        let sigma: f32 = rows.map(|(row, u)| u * dot(row, elements(&v))).sum();
        let (shape, matrix) = (matrix.layout().shape().clone(), elements(&matrix));
        let scaled = written(matrix.len(), matrix.len(), |_, out| out.extend(matrix.iter().map(move |x| x / sigma)));
        [tensor(scaled, shape), tensor(vec![sigma], [1])]
    }

    fn matrix_gradient(
        matrix: FlexTensor,
        u: FlexTensor,
        v: FlexTensor,
        sigma: FlexTensor,
        scaled_gradient: FlexTensor,
        _launch: Launch,
    ) -> FlexTensor {
        let shape = matrix.layout().shape().clone();
        let [_, columns] = dims(&matrix);
        let [matrix, u, v, gradient] = [matrix, u, v, scaled_gradient].map(contiguous);
        let (u, v, gradient) = (elements(&u), elements(&v), elements(&gradient));
        let sigma = elements(&sigma)[0];
        let slope = dot(gradient, elements(&matrix)) / sigma / sigma;
        let out = written(gradient.len(), gradient.len(), |_, out| {
            for (row, u) in gradient.chunks_exact(columns).zip(u) {
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

/// Adds each of the consecutive `rows`, times its factor, to `sums`.
fn add_multiples(sums: &mut [f32], factors: &[f32], rows: &[f32]) {
    let columns = sums.len();
    let Ok(factors) = <[f32; BLOCK]>::try_from(factors) else {
        // The last rows.
        for (row, &factor) in rows.chunks_exact(columns).zip(factors) {
            let pairs = sums.iter_mut().zip(row);
            vectorized(move || pairs.for_each(|(sum, x)| *sum += factor * x));
        }
        return;
    };
    let [a, b, c, d]: [&[f32]; BLOCK] = array::from_fn(|row| &rows[row * columns..][..columns]);
    let elements = sums.iter_mut().zip(a).zip(b).zip(c).zip(d);
    vectorized(move || {
        elements.for_each(|((((sum, a), b), c), d)| {
            *sum += (factors[0] * a + factors[1] * b) + (factors[2] * c + factors[3] * d);
        });
    });
}

/// Scales a vector to length 1.
fn make_unit(vector: &mut [f32]) {
    let length = libm::sqrtf(dot(vector, vector)) + EPSILON;
    vector.iter_mut().for_each(|x| *x /= length);
}
