// Adds up the partial sums of conv2d_tiled_forward.wgsl or conv2d_tiled_input_gradient.wgsl, [SLICES, COUNT], in the
// order of the slices. The bias is in the first slice.

const SLICES: u32 = 2u;
const COUNT: u32 = 200u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

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
    result[at] = total;
}
