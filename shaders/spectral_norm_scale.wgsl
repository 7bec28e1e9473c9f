// A matrix W [ROWS, COLUMNS] divided by sigma = u^T W v, the estimate of its largest singular value from its singular
// vectors u [ROWS] and v [COLUMNS]. Also writes sigma [1].
//
// Every workgroup computes all of sigma, in the same order and so with the same bits, and divides its share of the
// elements. An invocation sums pieces of a column, of eight rows each; neighbouring invocations take neighbouring
// columns.

const ROWS: u32 = 4u;
const COLUMNS: u32 = 27u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const SIZE: u32 = ROWS * COLUMNS;
const PIECES: u32 = (ROWS + 7u) / 8u * COLUMNS;

@group(0) @binding(0) var<storage, read_write> matrix: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> scaled: array<f32>;
@group(0) @binding(4) var<storage, read_write> sigma: array<f32>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.x;
    let value = sum(thread, share_of_sigma(thread));
    if (group == 0u && thread == 0u) {
        sigma[0] = value;
    }
    for (var at = group * THREADS + thread; at < SIZE; at += count.x * THREADS) {
        scaled[at] = matrix[at] / value;
    }
}

fn share_of_sigma(thread: u32) -> f32 {
    var total = 0.0;
    for (var piece = thread; piece < PIECES; piece += THREADS) {
        let column = piece % COLUMNS;
        let row = piece / COLUMNS * 8u;
        let lower = rows_of(row, column) * u_of(row);
        let sums = fma(rows_of(row + 4u, column), u_of(row + 4u), lower);
        total = fma((sums.x + sums.y) + (sums.z + sums.w), v[column], total);
    }
    return total;
}

// A column's elements in four rows; past the end, zeros.
fn rows_of(first: u32, column: u32) -> vec4<f32> {
    let rows = first + vec4<u32>(0u, 1u, 2u, 3u);
    let at = min(rows, vec4<u32>(ROWS - 1u)) * COLUMNS + column;
    let values = vec4<f32>(matrix[at.x], matrix[at.y], matrix[at.z], matrix[at.w]);
    return select(vec4<f32>(0.0), values, rows < vec4<u32>(ROWS));
}

// Four elements of u; past the end, 0.
fn u_of(first: u32) -> vec4<f32> {
    let rows = first + vec4<u32>(0u, 1u, 2u, 3u);
    let at = min(rows, vec4<u32>(ROWS - 1u));
    return select(vec4<f32>(0.0), vec4<f32>(u[at.x], u[at.y], u[at.z], u[at.w]), rows < vec4<u32>(ROWS));
}

// The sum over all invocations, returned to every invocation.
fn sum(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    if (thread < PARTS) {
        var sum = 0.0;
        for (var at = thread; at < THREADS; at += PARTS) {
            sum += partial[at];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
    var total = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        total += parts[part];
    }
    return total;
}
