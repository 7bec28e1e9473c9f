#import strict
#import strict_vectors
#import strict_division
#import strict_root
#import sum
#import matrices

// The second half of a power iteration on each of several matrices W: W v / |v|, not yet scaled to length 1, from the
// vectors v = W^T u of `spectral_norm_columns`.
//
// A workgroup takes eight rows of matrix z, so that an element of v serves eight products. Its invocations take
// neighbouring columns. Every workgroup of a matrix computes |v|, in the same order and so with the same bits.

const MATRICES: u32 = 2u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const ROWS: u32 = 8u;

// Added to lengths, so that a zero matrix gives zeros and not NaN.
const EPSILON: f32 = 1e-12;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> left: array<f32>;
@group(0) @binding(2) var<storage, read_write> right: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(3) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

var<workgroup> partial: array<f32, ROWS * THREADS>;
var<workgroup> parts: array<f32, PARTS>;
var<workgroup> row_parts: array<f32, ROWS * PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let matrix = matrix_of(id.z);
    let row = (id.y * count.x + id.x) * ROWS;
    if (row >= matrix.rows) {
        return;
    }
    var lower = vec4<f32>(0.0);
    var upper = vec4<f32>(0.0);
    var squares = 0.0;
    for (var column = thread; column < matrix.columns; column += THREADS) {
        let v = right[matrix.right + column];
        squares = multiply_add(v, v, squares);
        lower = multiply_add4(rows_of(matrix, row, column), vec4<f32>(v), lower);
        if (row + 4u < matrix.rows) {
            upper = multiply_add4(rows_of(matrix, row + 4u, column), vec4<f32>(v), upper);
        }
    }
    let length = root_of(sum(thread, squares)) + EPSILON;
    keep(thread, 0u, lower);
    keep(thread, 4u, upper);
    let total = sum_of_row(thread);
    if (thread < ROWS && row + thread < matrix.rows) {
        left[matrix.left + row + thread] = settled(divided(total, length));
    }
}

// Stores four sums of an invocation, from the given one of its eight places.
fn keep(thread: u32, place: u32, sums: vec4<f32>) {
    partial[place * THREADS + thread] = sums.x;
    partial[(place + 1u) * THREADS + thread] = sums.y;
    partial[(place + 2u) * THREADS + thread] = sums.z;
    partial[(place + 3u) * THREADS + thread] = sums.w;
}

// The sum of a row over all invocations, for the invocation of its number.
fn sum_of_row(thread: u32) -> f32 {
    workgroupBarrier();
    var sum = 0.0;
    for (var at = 0u; at < THREADS / PARTS; at++) {
        sum += partial[thread * PARTS + at];
    }
    row_parts[thread] = sum;
    workgroupBarrier();
    var total = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        total += row_parts[thread % ROWS * PARTS + part];
    }
    return total;
}

// A column's elements in four rows; past the end, zeros.
fn rows_of(matrix: Matrix, row: u32, column: u32) -> vec4<f32> {
    let rows = row + vec4<u32>(0u, 1u, 2u, 3u);
    let at = matrix.first + min(rows, vec4<u32>(matrix.rows - 1u)) * matrix.columns + column;
    let values = vec4<f32>(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
    return select(vec4<f32>(0.0), values, rows < vec4<u32>(matrix.rows));
}
