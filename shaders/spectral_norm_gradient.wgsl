#import strict

// The gradients of several matrices W from the gradients g of W / sigma, where sigma = u^T W v with constant u and v,
// in place: g / sigma - sum(g * W) / sigma^2 * u v^T. `spectral_norm_product` has computed the parts of sum(g * W)
// [MATRICES, BLOCKS]. Leaves what lies between the matrices as it is.
//
// A workgroup adds up the parts of matrix z, and takes eight of its rows. Neighbouring invocations take neighbouring
// columns.

const MATRICES: u32 = 2u;
const BLOCKS: u32 = 2u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const ROWS: u32 = 8u;

// A matrix: its first element, its rows and columns, and the first elements of its left and right vector.
struct Matrix {
    first: u32,
    rows: u32,
    columns: u32,
    left: u32,
    right: u32,
}

@group(0) @binding(0) var<storage, read_write> left: array<f32>;
@group(0) @binding(1) var<storage, read_write> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> sigmas: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(5) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let matrix = matrix_of(id.z);
    let first_row = (id.y * count.x + id.x) * ROWS;
    if (first_row >= matrix.rows) {
        return;
    }
    let sigma = sigmas[id.z];
    let slope = divided(divided(sum(thread, share_of_blocks(matrix, id.z, thread)), sigma), sigma);
    for (var row = first_row; row < min(first_row + ROWS, matrix.rows); row++) {
        let factor = slope * left[matrix.left + row];
        let first = matrix.first + row * matrix.columns;
        for (var column = thread; column < matrix.columns; column += THREADS) {
            let direct = divided(gradient[first + column], sigma);
            gradient[first + column] = settled(direct - rounded(factor * right[matrix.right + column]));
        }
    }
}

fn matrix_of(index: u32) -> Matrix {
    let sizes = table[2u * index];
    return Matrix(sizes.x, sizes.y, sizes.z, sizes.w, table[2u * index + 1u].x);
}

// An invocation's share of the sum over the blocks of a matrix.
fn share_of_blocks(matrix: Matrix, index: u32, thread: u32) -> f32 {
    let end = index * BLOCKS + (matrix.rows + ROWS - 1u) / ROWS;
    var share = 0.0;
    for (var at = index * BLOCKS + thread; at < end; at += THREADS) {
        share += sums[at];
    }
    return share;
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

// a / b. If STRICT is 1, rounded to nearest by a long division of integers, since WGSL leaves the last bits of a
// quotient open. Smaller than any normal number, it is 0.
fn divided(a: f32, b: f32) -> f32 {
    let first = bitcast<u32>(a);
    let second = bitcast<u32>(b);
    let exponents = vec2(first >> 23u, second >> 23u) & vec2(255u);
    if (STRICT == 0u || any(exponents == vec2(0u)) || any(exponents == vec2(255u))) {
        return a / b;
    }
    let divisor = (second & 0x7fffffu) | 0x800000u;
    let dividend = (first & 0x7fffffu) | 0x800000u;
    let is_less = dividend < divisor;
    let exponent = i32(exponents.x) - i32(exponents.y) + select(127, 126, is_less);
    // The digits after the first, which is 1, eight at a time.
    var rest = select(dividend, 2u * dividend, is_less) - divisor;
    var digits = 1u;
    for (var round = 0u; round < 3u; round++) {
        digits = (digits << 8u) | ((rest << 8u) / divisor);
        rest = (rest << 8u) % divisor;
    }
    let up = digits & select(digits >> 1u, 1u, rest > 0u) & 1u;
    let magnitude = (u32(exponent) << 23u) + ((digits >> 1u) & 0x7fffffu) + up;
    let bounded = select(select(magnitude, 0x7f800000u, exponent > 254), 0u, exponent < 1);
    return bitcast<f32>(((first ^ second) & 0x80000000u) | bounded);
}
