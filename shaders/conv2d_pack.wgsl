// Weights in the order in which the kernels in tiles read them, from weight [OUTPUTS, INPUTS, KERNEL, KERNEL]. The
// weight of an output and an input for a tap goes to output * P_OUTPUT + input * P_INPUT + tap * OUTPUTS * INPUTS: either
// outputs lie side by side (P_OUTPUT 1, P_INPUT OUTPUTS), or inputs do (P_INPUT 1, P_OUTPUT INPUTS).
//
// If FOLDS is 1, the taps are those of conv2d_fold.wgsl, (KERNEL + 1)^2 sums of up to four.
//
// One invocation for each output and input takes all their taps, which lie side by side. Neighbours write side by side.

const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 4u;
const KERNEL: u32 = 3u;
const FOLDS: u32 = 1u;
const P_OUTPUT: u32 = 1u;
const P_INPUT: u32 = 4u;

const THREADS: u32 = 64u;
const COUNT: u32 = INPUTS * OUTPUTS;
const SIDE: u32 = KERNEL + FOLDS;

@group(0) @binding(0) var<storage, read_write> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;

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
    let output = at / P_OUTPUT % OUTPUTS;
    let input = at / P_INPUT % INPUTS;
    let kernel = (output * INPUTS + input) * KERNEL * KERNEL;
    for (var tap = 0u; tap < SIDE * SIDE; tap++) {
        if (FOLDS == 1u) {
            packed[tap * COUNT + at] = folded(kernel, tap / SIDE, tap % SIDE);
        } else {
            packed[tap * COUNT + at] = weight[kernel + tap];
        }
    }
}

// A tap of the folded kernel.
fn folded(kernel: u32, row: u32, column: u32) -> f32 {
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
    return sum;
}
