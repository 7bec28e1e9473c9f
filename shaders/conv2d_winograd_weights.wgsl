// Weights for conv2d_winograd.wgsl: G g G^T for the kernel g of each output and input, with
//
//     G = [1, 0, 0; 1/2, 1/2, 1/2; 1/2, -1/2, 1/2; 0, 0, 1],
//
// from weight [OUTPUTS, INPUTS, 3, 3]. The result is [16, K, M]: for each element of the 4x4 matrices, K inputs by M
// outputs. If TURNS is 1, kernels are turned by half a circle, inputs and outputs swap places, and the convolution is
// the gradient of the input of the one that has these weights. K and M are at least as large as the numbers of
// channels; the rest is 0.
//
// One invocation for each of K by M takes all 16 elements. Neighbours write side by side.

const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 5u;
const TURNS: u32 = 0u;
const K: u32 = 4u;
const M: u32 = 32u;

const THREADS: u32 = 64u;
const COUNT: u32 = K * M;

@group(0) @binding(0) var<storage, read_write> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> transformed: array<f32>;

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
    let output = select(at % M, at / M, TURNS == 1u);
    let input = select(at / M, at % M, TURNS == 1u);
    let exists = output < OUTPUTS && input < INPUTS;
    let kernel = select(0u, (output * INPUTS + input) * 9u, exists);
    let above = taps(kernel, 0u, exists);
    let middle = taps(kernel, 1u, exists);
    let below = taps(kernel, 2u, exists);
    write_line(at, above);
    write_line(at + 4u * COUNT, 0.5 * ((above + below) + middle));
    write_line(at + 8u * COUNT, 0.5 * ((above + below) - middle));
    write_line(at + 12u * COUNT, below);
}

// A row of the kernel.
fn taps(kernel: u32, row: u32, exists: bool) -> vec3<f32> {
    let at = kernel + 3u * select(row, 2u - row, TURNS == 1u);
    let values = select(vec3<f32>(0.0), vec3<f32>(weight[at], weight[at + 1u], weight[at + 2u]), exists);
    return select(values, values.zyx, TURNS == 1u);
}

// Four elements of the result from a row of three.
fn write_line(at: u32, row: vec3<f32>) {
    transformed[at] = row.x;
    transformed[at + COUNT] = 0.5 * ((row.x + row.z) + row.y);
    transformed[at + 2u * COUNT] = 0.5 * ((row.x + row.z) - row.y);
    transformed[at + 3u * COUNT] = row.z;
}
