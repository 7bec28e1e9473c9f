#import strict

// The gradient of a tensor s [planes, HEIGHT, WIDTH], enlarged by bilinear interpolation, from the gradient of the
// enlarged tensor [planes, 2 HEIGHT, 2 WIDTH]. COUNT is the number of elements of s.
//
// Along each axis, a pixel of s gave NEAR to both pixels of its own 2x2 square and FAR to the next one on each side. At
// the border, the outermost pixel of the square got both shares. So the gradient gathers from 4x4 pixels with the same
// weights, and at the border the outermost pixel counts twice.
//
// Each invocation takes ROWS pixels of a column of s, where ROWS divides HEIGHT. It adds up four pixels of each large
// row that it sees once, for the up to two rows of s that need them.

const COUNT: u32 = 12u;
const HEIGHT: u32 = 4u;
const WIDTH: u32 = 3u;
const ROWS: u32 = 2u;

const THREADS: u32 = 64u;
const NEAR: f32 = 0.75;
const FAR: f32 = 0.25;

@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> s_gradient: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (id.y * count.x + id.x) * THREADS + thread;
    if (at >= COUNT / ROWS) {
        return;
    }
    // Rows of s count through all planes; `top` is the same row within its plane, and `plane` that plane's first row.
    let column = at % WIDTH;
    let first = at / WIDTH * ROWS;
    let top = first % HEIGHT;
    let plane = first - top;
    var above = narrowed(2u * first - min(top, 1u), column);
    var upper = narrowed(2u * first, column);
    var place = first * WIDTH + column;
    for (var row = top; row < top + ROWS; row++) {
        let lower = narrowed(2u * (plane + row) + 1u, column);
        let below = narrowed(2u * plane + min(2u * row + 2u, 2u * HEIGHT - 1u), column);
        s_gradient[place] = settled(rounded(NEAR * (upper + lower)) + rounded(FAR * (above + below)));
        above = lower;
        upper = below;
        place += WIDTH;
    }
}

// What a pixel of s gathers from one large row.
fn narrowed(row: u32, column: u32) -> f32 {
    let start = row * 2u * WIDTH;
    let left = start + 2u * column;
    let sides = gradient[start + max(2u * column, 1u) - 1u] + gradient[start + min(2u * column + 2u, 2u * WIDTH - 1u)];
    return rounded(NEAR * (gradient[left] + gradient[left + 1u])) + rounded(FAR * sides);
}
