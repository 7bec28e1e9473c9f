#import strict

// The gradient of the input of a hyperbolic tangent, from its output y and the gradient of the output, both of any
// shape with COUNT elements: gradient * (1 - y * y).
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
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
            let value = y[at];
            // Not 1 - y * y, which would cancel near -1 and 1.
            x_gradient[at] = settled(gradient[at] * ((1.0 - value) * (1.0 + value)));
        }
    }
}
