#import strict
#import strict_vectors
#import sum
#import matrices

// The largest singular values u^T W v of several matrices, in parts: for each matrix and every eight of its rows, their
// sum [MATRICES, BLOCKS]. `spectral_norm_scale` adds them up.
//
// A workgroup takes eight rows of matrix z, so that an element of v serves eight products. Its invocations take
// neighbouring columns.

const MATRICES: u32 = 2u;
const BLOCKS: u32 = 2u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const ROWS: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> left: array<f32>;
@group(0) @binding(2) var<storage, read_write> right: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(4) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let matrix = matrix_of(id.z);
    let block = id.y * count.x + id.x;
    let row = block * ROWS;
    if (row >= matrix.rows) {
        return;
    }
    let lower_u = u_of(matrix, row);
    let upper_u = u_of(matrix, row + 4u);
    var share = 0.0;
    for (var column = thread; column < matrix.columns; column += THREADS) {
        var products = rounded4(rows_of(matrix, row, column) * lower_u);
        if (row + 4u < matrix.rows) {
            products = multiply_add4(rows_of(matrix, row + 4u, column), upper_u, products);
        }
        let total = (products.x + products.y) + (products.z + products.w);
        share = multiply_add(total, right[matrix.right + column], share);
    }
    let total = sum(thread, share);
    if (thread == 0u) {
        sums[id.z * BLOCKS + block] = total;
    }
}

// A column's elements in four rows; past the end, zeros.
fn rows_of(matrix: Matrix, row: u32, column: u32) -> vec4<f32> {
    let rows = row + vec4<u32>(0u, 1u, 2u, 3u);
    let at = matrix.first + min(rows, vec4<u32>(matrix.rows - 1u)) * matrix.columns + column;
    let values = vec4<f32>(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
    return select(vec4<f32>(0.0), values, rows < vec4<u32>(matrix.rows));
}

// Four elements of u; past the end, 0.
fn u_of(matrix: Matrix, row: u32) -> vec4<f32> {
    let rows = row + vec4<u32>(0u, 1u, 2u, 3u);
    let at = matrix.left + min(rows, vec4<u32>(matrix.rows - 1u));
    let values = vec4<f32>(left[at.x], left[at.y], left[at.z], left[at.w]);
    return select(vec4<f32>(0.0), values, rows < vec4<u32>(matrix.rows));
}
