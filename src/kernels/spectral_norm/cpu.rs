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
use crate::kernels::pack::Places;
use crate::kernels::spectral_norm::{EPSILON, Matrices, Matrix, Operands, SpectralNormOps, strict};

/// Rows added at a time, so that the loop fetches the sums less often.
const BLOCK: usize = 4;

impl SpectralNormOps for Flex {
    fn power_iteration(
        weights: FlexTensor,
        lefts: FlexTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> (FlexTensor, FlexTensor) {
        let [weights, lefts] = [weights, lefts].map(contiguous);
        let vectors = matrices.list().iter().map(|matrix| {
            let u = &elements(&lefts)[matrix.left..][..matrix.rows];
            let iterate = if launch.is_strict() { strict::iterate } else { iterate };
            iterate(&elements(&weights)[matrix.first..][..matrix.count()], matrix.columns, u)
        });
        let (lefts, rights) = vectors.unzip();
        (joined(lefts, matrices.lefts()), joined(rights, matrices.rights()))
    }

    fn spectral_norm(
        weights: FlexTensor,
        left: FlexTensor,
        right: FlexTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> (FlexTensor, FlexTensor) {
        let [weights, left, right] = [weights, left, right].map(contiguous);
        let (values, u, v) = (elements(&weights), elements(&left), elements(&right));
        let sigma = if launch.is_strict() { strict::sigma } else { sigma };
        let sigmas: Vec<f32> = matrices.list().iter().map(|matrix| sigma(matrix, values, u, v)).collect();
        let divided = written(values.len(), values.len(), |_, out| {
            let mut end = 0;
            for (matrix, &sigma) in matrices.list().iter().zip(&sigmas) {
                let next = matrix.first + matrix.count();
                out.extend(values[end..matrix.first].iter().copied());
                if launch.is_strict() {
                    out.extend(strict::divided(&values[matrix.first..next], sigma));
                } else {
                    out.extend(values[matrix.first..next].iter().map(move |x| x / sigma));
                }
                end = next;
            }
            out.extend(values[end..].iter().copied());
        });
        (tensor(divided, [values.len()]), tensor(sigmas, [matrices.list().len()]))
    }

    /// Overwrites the gradients.
    fn weight_gradients(
        operands: Operands<Self>,
        gradients: FlexTensor,
        matrices: &Matrices,
        launch: Launch,
    ) -> FlexTensor {
        let Operands { weights, left, right, sigmas } = operands;
        let [weights, left, right, sigmas] = [weights, left, right, sigmas].map(contiguous);
        let [mut gradients] = [gradients].map(|tensor| tensor.to_contiguous());
        let all = gradients.storage_mut::<f32>();
        let pull_back = if launch.is_strict() { strict::pull_back } else { pull_back };
        for (matrix, &sigma) in matrices.list().iter().zip(elements(&sigmas)) {
            let range = matrix.first..matrix.first + matrix.count();
            let u = &elements(&left)[matrix.left..][..matrix.rows];
            let v = &elements(&right)[matrix.right..][..matrix.columns];
            pull_back(&mut all[range.clone()], &elements(&weights)[range], sigma, u, v);
        }
        gradients
    }
}

/// A buffer of vectors.
fn joined(mut vectors: Vec<Vec<f32>>, places: &Places) -> FlexTensor {
    if vectors.len() == 1 {
        return tensor(vectors.remove(0), [places.total()]);
    }
    let mut all = vec![0.0; places.total()];
    for (vector, &offset) in vectors.iter().zip(places.offsets()) {
        all[offset..][..vector.len()].copy_from_slice(vector);
    }
    tensor(all, [places.total()])
}

/// The left and the right vector of a matrix after an iteration from `u`.
fn iterate(matrix: &[f32], columns: usize, u: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut right = vec![0.0; columns];
    for (rows, factors) in matrix.chunks(BLOCK * columns).zip(u.chunks(BLOCK)) {
        add_multiples(&mut right, factors, rows);
    }
    make_unit(&mut right);
    let mut left: Vec<f32> = matrix.chunks_exact(columns).map(|row| dot(row, &right)).collect();
    make_unit(&mut left);
    (left, right)
}

/// The estimate of a matrix's largest singular value.
fn sigma(matrix: &Matrix, weights: &[f32], left: &[f32], right: &[f32]) -> f32 {
    let v = &right[matrix.right..][..matrix.columns];
    let rows = weights[matrix.first..][..matrix.count()].chunks_exact(matrix.columns);
    rows.zip(&left[matrix.left..]).map(|(row, u)| u * dot(row, v)).sum()
}

/// Turns the gradient of a divided matrix into that of the matrix.
fn pull_back(gradient: &mut [f32], matrix: &[f32], sigma: f32, u: &[f32], v: &[f32]) {
    let slope = dot(gradient, matrix) / sigma / sigma;
    for (row, u) in gradient.chunks_exact_mut(v.len()).zip(u) {
        let factor = slope * u;
        vectorized(move || row.iter_mut().zip(v).for_each(|(g, v)| *g = *g / sigma - factor * v));
    }
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
