// One power iteration on a matrix W [ROWS, COLUMNS] from the left vector u [ROWS]: v = W^T u and then u = W v, each
// scaled to length 1 (Miyato et al. 2018, algorithm 1).
//
// One workgroup does everything, since every element of a vector depends on the whole previous vector. For W^T u an
// invocation takes columns; for W v a group of LANES invocations shares eight rows. Both read eight rows at a time, and
// neighbouring invocations take neighbouring columns. The vectors pass between invocations through their own buffers,
// so workgroup memory does not limit their lengths.

const ROWS: u32 = 4u;
const COLUMNS: u32 = 27u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const LANES: u32 = 16u;
const GROUPS: u32 = THREADS / LANES;
const BLOCK: u32 = 8u * GROUPS;

// Added to lengths, so that a zero matrix gives zeros and not NaN.
const EPSILON: f32 = 1e-12;

@group(0) @binding(0) var<storage, read_write> matrix: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> left: array<f32>;
@group(0) @binding(3) var<storage, read_write> right: array<f32>;

var<workgroup> partial: array<f32, 8u * THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
    let right_length = sqrt(sum(thread, project_columns(thread))) + EPSILON;
    for (var column = thread; column < COLUMNS; column += THREADS) {
        right[column] /= right_length;
    }
    storageBarrier();
    for (var first = 0u; first < ROWS; first += BLOCK) {
        project_rows(thread, first);
    }
    storageBarrier();
    let left_length = sqrt(sum(thread, squares_of_left(thread))) + EPSILON;
    for (var row = thread; row < ROWS; row += THREADS) {
        left[row] /= left_length;
    }
}

// Writes W^T u for the columns of an invocation, and returns the sum of its squares.
fn project_columns(thread: u32) -> f32 {
    var squares = 0.0;
    for (var column = thread; column < COLUMNS; column += THREADS) {
        var sums = vec4<f32>(0.0);
        for (var row = 0u; row < ROWS; row += 8u) {
            let lower = rows_of(row, column);
            let upper = rows_of(row + 4u, column);
            sums = fma(lower, u_of(row), sums);
            sums = fma(upper, u_of(row + 4u), sums);
        }
        let value = (sums.x + sums.y) + (sums.z + sums.w);
        right[column] = value;
        squares = fma(value, value, squares);
    }
    return squares;
}

// Writes W v for BLOCK rows: each group of lanes sums eight rows, then an invocation adds up a row's lanes.
fn project_rows(thread: u32, first: u32) {
    let row = first + thread / LANES * 8u;
    var lower = vec4<f32>(0.0);
    var upper = vec4<f32>(0.0);
    for (var column = thread % LANES; column < COLUMNS; column += LANES) {
        let v = vec4<f32>(right[column]);
        lower = fma(rows_of(row, column), v, lower);
        upper = fma(rows_of(row + 4u, column), v, upper);
    }
    keep(thread, 0u, lower);
    keep(thread, 4u, upper);
    workgroupBarrier();
    if (thread < BLOCK && first + thread < ROWS) {
        let start = thread % 8u * THREADS + thread / 8u * LANES;
        var total = 0.0;
        for (var lane = 0u; lane < LANES; lane++) {
            total += partial[start + lane];
        }
        left[first + thread] = total;
    }
    workgroupBarrier();
}

// Stores four sums of an invocation, from the given one of its eight places.
fn keep(thread: u32, place: u32, sums: vec4<f32>) {
    partial[place * THREADS + thread] = sums.x;
    partial[(place + 1u) * THREADS + thread] = sums.y;
    partial[(place + 2u) * THREADS + thread] = sums.z;
    partial[(place + 3u) * THREADS + thread] = sums.w;
}

fn squares_of_left(thread: u32) -> f32 {
    var squares = 0.0;
    for (var row = thread; row < ROWS; row += THREADS) {
        squares = fma(left[row], left[row], squares);
    }
    return squares;
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
