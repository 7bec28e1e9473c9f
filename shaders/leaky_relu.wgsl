// Leaky ReLU of a tensor of any shape with COUNT elements: x if it is positive, SLOPE times x otherwise.
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;
const SLOPE: f32 = 0.2;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = (id.y * count.x + id.x) * THREADS * ELEMENTS + thread;
    for (var element = 0u; element < ELEMENTS; element++) {
        let at = first + element * THREADS;
        if (at < COUNT) {
            let value = x[at];
            y[at] = select(SLOPE * value, value, value > 0.0);
        }
    }
}
