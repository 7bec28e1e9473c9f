//! Spectral normalisation in strict arithmetic: the sums of the kernels in `shaders/`, in their order.

use std::array;

use crate::kernels::host::simd::vectorized;
use crate::kernels::host::strict::{added_up, settled, strided, strided_sum};
use crate::kernels::spectral_norm::{EPSILON, Matrix};

/// Invocations of most kernels, and those that add up the others' sums.
const THREADS: usize = 64;
const PARTS: usize = 8;

/// The same in `spectral_norm_unit.wgsl`.
const UNIT_THREADS: usize = 256;
const UNIT_PARTS: usize = 16;

/// Rows that share a sum in `spectral_norm_columns.wgsl`: its lanes take groups of four.
const LANES: usize = 4;
const CLASSES: usize = 4 * LANES;

/// Rows of a workgroup.
const ROWS: usize = 8;

/// The left and the right vector of a matrix after an iteration from `u`.
pub fn iterate(matrix: &[f32], columns: usize, u: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut right = along_columns(matrix, columns, u);
    let squares: [f32; THREADS] = strided(&right, &right, |v, _| v * v);
    let length = added_up(&squares, PARTS).sqrt() + EPSILON;
    let mut left: Vec<f32> = matrix.chunks_exact(columns).map(|row| settled(along_row(row, &right) / length)).collect();
    make_unit(&mut left);
    make_unit(&mut right);
    (left, right)
}

/// `W^T u`, as `spectral_norm_columns.wgsl`.
fn along_columns(matrix: &[f32], columns: usize, u: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; CLASSES * columns];
    for (index, (row, &u)) in matrix.chunks_exact(columns).zip(u).enumerate() {
        let sums = &mut sums[index % CLASSES * columns..][..columns];
        vectorized(move || sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x * u));
    }
    let total = |column: usize| {
        let lane = |lane: usize| {
            let [a, b, c, d] = array::from_fn(|row| sums[(4 * lane + row) * columns + column]);
            (a + b) + (c + d)
        };
        settled((0..LANES).map(lane).fold(0.0_f32, |sum, x| sum + x))
    };
    (0..columns).map(total).collect()
}

/// The product of a row with `v`, as `spectral_norm_rows.wgsl`: neighbouring sums are added up first.
fn along_row(row: &[f32], v: &[f32]) -> f32 {
    let sums: [f32; THREADS] = strided(row, v, |x, v| x * v);
    let parts = sums.chunks_exact(PARTS).map(|part| part.iter().fold(0.0_f32, |sum, x| sum + x));
    parts.fold(0.0_f32, |sum, x| sum + x)
}

/// Scales a vector to length 1.
fn make_unit(vector: &mut [f32]) {
    let squares: [f32; UNIT_THREADS] = strided(vector, vector, |x, _| x * x);
    let length = added_up(&squares, UNIT_PARTS).sqrt() + EPSILON;
    vector.iter_mut().for_each(|x| *x = settled(*x / length));
}

/// The estimate of a matrix's largest singular value, as `spectral_norm_sigma.wgsl`.
pub fn sigma(matrix: &Matrix, weights: &[f32], left: &[f32], right: &[f32]) -> f32 {
    let v = &right[matrix.right..][..matrix.columns];
    let u = &left[matrix.left..][..matrix.rows];
    let blocks = weights[matrix.first..][..matrix.count()].chunks(ROWS * matrix.columns).zip(u.chunks(ROWS));
    let sums: Vec<f32> = blocks.map(|(rows, u)| block_sum(rows, u, v)).collect();
    strided_sum::<THREADS>(&sums, PARTS)
}

/// The share of up to eight rows.
fn block_sum(rows: &[f32], u: &[f32], v: &[f32]) -> f32 {
    let product = |row: usize, column: usize| u.get(row).map_or(0.0, |u| rows[row * v.len() + column] * u);
    let has_upper = u.len() > ROWS / 2;
    let totals: Vec<f32> = (0..v.len())
        .map(|column| {
            let [a, b, c, d] = array::from_fn(|row| {
                let lower = product(row, column);
                if has_upper { product(row + ROWS / 2, column) + lower } else { lower }
            });
            (a + b) + (c + d)
        })
        .collect();
    added_up(&strided::<THREADS>(&totals, v, |total, v| total * v), PARTS)
}

/// A matrix divided by its singular value.
pub fn divided(weights: &[f32], sigma: f32) -> impl Iterator<Item = f32> {
    weights.iter().map(move |x| settled(x / sigma))
}

/// Turns the gradient of a divided matrix into that of the matrix.
pub fn pull_back(gradient: &mut [f32], matrix: &[f32], sigma: f32, u: &[f32], v: &[f32]) {
    let blocks = gradient.chunks(ROWS * v.len()).zip(matrix.chunks(ROWS * v.len()));
    let sums: Vec<f32> = blocks.map(|(gradient, matrix)| product_sum(gradient, matrix)).collect();
    let slope = strided_sum::<THREADS>(&sums, PARTS) / sigma / sigma;
    for (row, u) in gradient.chunks_exact_mut(v.len()).zip(u) {
        let factor = slope * u;
        vectorized(move || row.iter_mut().zip(v).for_each(|(g, v)| *g = settled(*g / sigma - factor * v)));
    }
}

/// The sum of the products of eight rows, as `spectral_norm_product.wgsl`: an invocation has four sums.
fn product_sum(gradient: &[f32], matrix: &[f32]) -> f32 {
    let sums: [f32; 4 * THREADS] = strided(gradient, matrix, |g, w| g * w);
    let totals: [f32; THREADS] = array::from_fn(|thread| {
        let [a, b, c, d] = array::from_fn(|place| sums[place * THREADS + thread]);
        (a + b) + (c + d)
    });
    added_up(&totals, PARTS)
}
