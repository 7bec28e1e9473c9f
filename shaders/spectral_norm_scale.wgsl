#import strict
#import strict_division
#import sum
#import matrices

// Several matrices divided by their largest singular values, of which `spectral_norm_sigma` has computed the parts
// [MATRICES, BLOCKS]. Also writes the singular values [MATRICES]. Leaves what lies between the matrices as it is.
//
// A workgroup adds up the parts of matrix z, and divides eight of its rows, which lie in a row.

const MATRICES: u32 = 2u;
const BLOCKS: u32 = 2u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const ROWS: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> scaled: array<f32>;
@group(0) @binding(3) var<storage, read_write> sigmas: array<f32>;
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
    let row = (id.y * count.x + id.x) * ROWS;
    if (row >= matrix.rows) {
        return;
    }
    let sigma = sum(thread, share_of_blocks(matrix, id.z, thread));
    if (row == 0u && thread == 0u) {
        sigmas[id.z] = sigma;
    }
    let end = matrix.first + min(row + ROWS, matrix.rows) * matrix.columns;
    for (var at = matrix.first + row * matrix.columns + thread; at < end; at += THREADS) {
        scaled[at] = settled(divided(weights[at], sigma));
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
