#import strict
#import strict_division
#import sum
#import matrices

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

// An invocation's share of the sum over the blocks of a matrix.
fn share_of_blocks(matrix: Matrix, index: u32, thread: u32) -> f32 {
    let end = index * BLOCKS + (matrix.rows + ROWS - 1u) / ROWS;
    var share = 0.0;
    for (var at = index * BLOCKS + thread; at < end; at += THREADS) {
        share += sums[at];
    }
    return share;
}
