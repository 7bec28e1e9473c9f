// The gradient of the input of a leaky ReLU, from the input x and the gradient of the output, both of any shape with
// COUNT elements: the gradient if x is positive, SLOPE times the gradient otherwise.
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;
const SLOPE: f32 = 0.2;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> x_gradient: array<f32>;

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
            let value = gradient[at];
            x_gradient[at] = select(SLOPE * value, value, x[at] > 0.0);
        }
    }
}
