// The sum of h [planes, 2 height, 2 WIDTH] and s [planes, height, WIDTH], enlarged to the same size by making each
// pixel a 2x2 square: y [planes, 2 height, 2 WIDTH]. COUNT is the number of elements of s.
//
// Each invocation adds one pixel of s to the four of its square, in pairs that lie side by side.

const COUNT: u32 = 12u;
const WIDTH: u32 = 3u;

const THREADS: u32 = 64u;

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
    if (at >= COUNT) {
        return;
    }
    // A row of s of any plane becomes two rows of as many pairs.
    let above = at / WIDTH * 2u * WIDTH + at % WIDTH;
    let below = above + WIDTH;
    let value = s[at];
    y[above] = h[above] + value;
    y[below] = h[below] + value;
}
