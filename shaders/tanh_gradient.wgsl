// The gradient of the input of a hyperbolic tangent, from its output y and the gradient of the output, both of any
// shape with COUNT elements: gradient * (1 - y * y).
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;
const STRICT: u32 = 0u;

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

// A number to keep. If STRICT is 1 and it is below 2^-60, it becomes 0: then no product of two kept numbers is so small
// that only some devices round it to 0.
fn settled(value: f32) -> f32 {
    let is_tiny = (bitcast<u32>(value) & 0x7fffffffu) < 0x21800000u;
    return select(value, 0.0, STRICT == 1u && is_tiny);
}
