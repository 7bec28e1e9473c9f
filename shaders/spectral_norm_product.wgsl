#import strict
#import strict_vectors
#import sum
#import matrices

// The sums of the products of several matrices W with gradients g of the same places, in parts: for each matrix and
// every eight of its rows, their sum [MATRICES, BLOCKS]. `spectral_norm_gradient` adds them up.
//
// A workgroup takes eight rows of matrix z, which lie in a row. Its invocations take four elements at a time, a
// workgroup apart.

const MATRICES: u32 = 2u;
const BLOCKS: u32 = 2u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const ROWS: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(3) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

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
    let first = matrix.first + row * matrix.columns;
    let end = matrix.first + min(row + ROWS, matrix.rows) * matrix.columns;
    let total = sum(thread, share_of_products(first + thread, end));
    if (thread == 0u) {
        sums[id.z * BLOCKS + block] = total;
    }
}

fn share_of_products(first: u32, end: u32) -> f32 {
    var share = vec4<f32>(0.0);
    for (var start = first; start < end; start += 4u * THREADS) {
        let places = start + vec4<u32>(0u, 1u, 2u, 3u) * THREADS;
        let at = min(places, vec4<u32>(end - 1u));
        let g = vec4<f32>(gradient[at.x], gradient[at.y], gradient[at.z], gradient[at.w]);
        let w = vec4<f32>(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
        share = select(share, multiply_add4(g, w, share), places < vec4<u32>(end));
    }
    return (share.x + share.y) + (share.z + share.w);
}
