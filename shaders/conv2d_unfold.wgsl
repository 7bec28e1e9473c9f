// The gradient of the weights [outputs, inputs, KERNEL, KERNEL] from the gradient of the kernel that conv2d_fold.wgsl
// makes from them, [inputs, outputs, KERNEL + 1, KERNEL + 1]: each tap k went into the taps KERNEL - 1 - k and KERNEL -
// k.

const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 4u;
const KERNEL: u32 = 3u;

const THREADS: u32 = 64u;
const FOLDED: u32 = KERNEL + 1u;
const COUNT: u32 = INPUTS * OUTPUTS * KERNEL * KERNEL;

@group(0) @binding(0) var<storage, read_write> folded: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;

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
    let row = KERNEL - 1u - at / KERNEL % KERNEL;
    let column = KERNEL - 1u - at % KERNEL;
    let input = at / (KERNEL * KERNEL) % INPUTS;
    let output = at / (KERNEL * KERNEL * INPUTS);
    let first = ((input * OUTPUTS + output) * FOLDED + row) * FOLDED + column;
    weight[at] = folded[first] + folded[first + 1u] + folded[first + FOLDED] + folded[first + FOLDED + 1u];
}
