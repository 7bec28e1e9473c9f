#import strict
#import strict_vectors
#import matrices

// The first half of a power iteration on each of several matrices W (Miyato et al. 2018, algorithm 1): W^T u, not yet
// scaled to length 1, from the left vectors u. `spectral_norm_rows` and `spectral_norm_unit` follow.
//
// A workgroup takes COLUMNS columns of matrix z. LANES invocations share a column: each takes every LANES-th group of
// four rows. Neighbouring invocations take neighbouring columns.

const MATRICES: u32 = 2u;

const THREADS: u32 = 256u;
const COLUMNS: u32 = 64u;
const LANES: u32 = THREADS / COLUMNS;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> left: array<f32>;
@group(0) @binding(2) var<storage, read_write> right: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(3) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let matrix = matrix_of(id.z);
    let first = (id.y * count.x + id.x) * COLUMNS;
    if (first >= matrix.columns) {
        return;
    }
    let column = first + thread % COLUMNS;
    partial[thread] = product(matrix, min(column, matrix.columns - 1u), thread / COLUMNS);
    workgroupBarrier();
    if (thread < COLUMNS && column < matrix.columns) {
        var total = 0.0;
        for (var lane = 0u; lane < LANES; lane++) {
            total += partial[lane * COLUMNS + thread];
        }
        right[matrix.right + column] = settled(total);
    }
}

// A lane's share of the product of a column with u.
fn product(matrix: Matrix, column: u32, lane: u32) -> f32 {
    var sums = vec4<f32>(0.0);
    for (var row = 4u * lane; row < matrix.rows; row += 4u * LANES) {
        sums = multiply_add4(rows_of(matrix, row, column), u_of(matrix, row), sums);
    }
    return (sums.x + sums.y) + (sums.z + sums.w);
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
