// The hyperbolic tangent of x, of any shape with COUNT elements.
//
// Each invocation computes ELEMENTS elements, THREADS apart: neighbours read side by side.

const COUNT: u32 = 6u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;

// From here on the result is 1 in f32. Browsers and drivers may compute it from exponentials, which overflow where x is
// large: infinity over infinity is NaN.
const BOUND: f32 = 9.1;

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
            y[at] = select(tanh(clamp(value, -BOUND, BOUND)), value, is_nan(value));
        }
    }
}

// By the bits, which without the sign are above those of infinity: a compiler may take it for granted that there is no
// NaN.
fn is_nan(value: f32) -> bool {
    return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}
