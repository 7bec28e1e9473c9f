// Adds up the partial sums of conv2d_weight_gradient.wgsl, in the order of the slices: the gradient of the weights
// [outputs, columns - 1], and the gradient of the bias [outputs] from the last column.

const SLICES: u32 = 2u;
const OUTPUTS: u32 = 4u;
const COLUMNS: u32 = 28u;

const THREADS: u32 = 64u;
const COUNT: u32 = OUTPUTS * COLUMNS;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias_gradient: array<f32>;

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
    var total = 0.0;
    for (var slice = 0u; slice < SLICES; slice++) {
        total += sums[slice * COUNT + at];
    }
    let output = at / COLUMNS;
    let column = at % COLUMNS;
    if (column == COLUMNS - 1u) {
        bias_gradient[output] = total;
    } else {
        weight_gradient[output * (COLUMNS - 1u) + column] = total;
    }
}
