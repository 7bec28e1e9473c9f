// A copy: the most that an adapter's memory can do. COUNT is a multiple of 4; each invocation copies four numbers.

const COUNT: u32 = 1024u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (id.y * count.x + id.x) * THREADS + thread;
    if (at < COUNT / 4u) {
        y[at] = x[at];
    }
}
