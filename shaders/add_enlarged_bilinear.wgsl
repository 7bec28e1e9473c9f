#import strict
#import strict_vectors

// The sum of h [planes, 2 HEIGHT, 2 WIDTH] and s [planes, HEIGHT, WIDTH], enlarged to the same size by bilinear
// interpolation: y [planes, 2 HEIGHT, 2 WIDTH]. COUNT is the number of elements of s.
//
// A pixel of s lies in the middle of a 2x2 square of y. So along each axis, a pixel of y is NEAR times the pixel of s
// in its own square plus FAR times the next one on its side; at the border, that is the same one again.
//
// Each invocation takes ROWS pixels of a column of s, where ROWS divides HEIGHT, and their squares. It widens each row
// of s that it sees once, from three loads, for the up to four rows of y that need it.

const COUNT: u32 = 12u;
const HEIGHT: u32 = 4u;
const WIDTH: u32 = 3u;
const ROWS: u32 = 2u;

const THREADS: u32 = 64u;
const NEAR: f32 = 0.75;
const FAR: f32 = 0.25;

@group(0) @binding(0) var<storage, read_write> h: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> s: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec2<f32>>;

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
    // Rows count through all planes; `top` is the same row within its plane, and `plane` that plane's first row.
    let column = at % WIDTH;
    let first = at / WIDTH * ROWS;
    let top = first % HEIGHT;
    let plane = first - top;
    var above = widened(first - min(top, 1u), column);
    var own = widened(first, column);
    // A row of s becomes two rows of as many pairs.
    var place = first * 2u * WIDTH + column;
    for (var row = top; row < top + ROWS; row++) {
        let below = widened(plane + min(row + 1u, HEIGHT - 1u), column);
        y[place] = settled2(h[place] + (rounded2(NEAR * own) + rounded2(FAR * above)));
        y[place + WIDTH] = settled2(h[place + WIDTH] + (rounded2(NEAR * own) + rounded2(FAR * below)));
        above = own;
        own = below;
        place += 2u * WIDTH;
    }
}

// The pair that a pixel becomes if only its row is enlarged.
fn widened(row: u32, column: u32) -> vec2<f32> {
    let start = row * WIDTH;
    let sides = vec2(s[start + max(column, 1u) - 1u], s[start + min(column + 1u, WIDTH - 1u)]);
    return rounded(NEAR * s[start + column]) + rounded2(FAR * sides);
}
