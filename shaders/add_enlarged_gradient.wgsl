// The gradient of a tensor s [planes, height, WIDTH], enlarged by making each pixel a 2x2 square, from the gradient of
// the enlarged tensor [planes, 2 height, 2 WIDTH]: the sum over each square. COUNT is the number of elements of s.
//
// Each invocation adds up one square, as two pairs that lie side by side.

const COUNT: u32 = 12u;
const WIDTH: u32 = 3u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> gradient: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> s_gradient: array<f32>;

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
    // A row of s of any plane was two rows of as many pairs.
    let above = at / WIDTH * 2u * WIDTH + at % WIDTH;
    let sums = gradient[above] + gradient[above + WIDTH];
    s_gradient[at] = sums.x + sums.y;
}
