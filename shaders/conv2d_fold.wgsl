#import strict

// The kernel of a transposed convolution of stride 2 that equals enlarging an image (each pixel a 2x2 square) and then
// convolving it with weight [outputs, inputs, KERNEL, KERNEL]: folded [inputs, outputs, KERNEL + 1, KERNEL + 1].
//
// Along an axis, tap k of the convolution takes the small pixel i to the large pixel 2 i + PADDING - k and the next
// one. So tap a of the transposed convolution, which takes i to 2 i + a - PADDING, collects the taps KERNEL - 1 - a and
// KERNEL - a.

const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 4u;
const KERNEL: u32 = 3u;

const THREADS: u32 = 64u;
const FOLDED: u32 = KERNEL + 1u;
const COUNT: u32 = INPUTS * OUTPUTS * FOLDED * FOLDED;

@group(0) @binding(0) var<storage, read_write> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> folded: array<f32>;

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
    let row = at / FOLDED % FOLDED;
    let column = at % FOLDED;
    let output = at / (FOLDED * FOLDED) % OUTPUTS;
    let input = at / (FOLDED * FOLDED * OUTPUTS);
    let kernel = (output * INPUTS + input) * KERNEL * KERNEL;
    var sum = 0.0;
    // Tap -1 wraps around to a large number and is skipped, like tap KERNEL.
    for (var y = 0u; y < 2u; y++) {
        for (var x = 0u; x < 2u; x++) {
            let ky = KERNEL - 1u - row + y;
            let kx = KERNEL - 1u - column + x;
            if (ky < KERNEL && kx < KERNEL) {
                sum += weight[kernel + ky * KERNEL + kx];
            }
        }
    }
    folded[at] = settled(sum);
}
