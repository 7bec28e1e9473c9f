#import strict
#import strict_division
#import strict_root
#import sum
#import matrices

// The end of a power iteration on several matrices: scales their left and right vectors to length 1, in place.
//
// A workgroup takes one vector: z counts matrices times two vectors.

const MATRICES: u32 = 2u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;

// Added to lengths, so that a zero matrix gives zeros and not NaN.
const EPSILON: f32 = 1e-12;

@group(0) @binding(0) var<storage, read_write> left: array<f32>;
@group(0) @binding(1) var<storage, read_write> right: array<f32>;
// Two entries for each matrix: `Matrix`, and zeros.
@group(0) @binding(2) var<uniform> table: array<vec4<u32>, 2u * MATRICES>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let matrix = matrix_of(id.z / 2u);
    let is_left = id.z % 2u == 0u;
    let first = select(matrix.right, matrix.left, is_left);
    let end = first + select(matrix.columns, matrix.rows, is_left);
    var squares = 0.0;
    for (var at = first + thread; at < end; at += THREADS) {
        let value = element(is_left, at);
        squares = multiply_add(value, value, squares);
    }
    let length = root_of(sum(thread, squares)) + EPSILON;
    for (var at = first + thread; at < end; at += THREADS) {
        if (is_left) {
            left[at] = settled(divided(left[at], length));
        } else {
            right[at] = settled(divided(right[at], length));
        }
    }
}

fn element(is_left: bool, at: u32) -> f32 {
    if (is_left) {
        return left[at];
    }
    return right[at];
}
