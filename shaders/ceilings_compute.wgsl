// Multiply-adds without reads: the most that an adapter's arithmetic can do. Each invocation makes ROUNDS rounds of 64
// multiply-adds in sixteen independent chains of four.

const ROUNDS: u32 = 16u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let at = id.x * THREADS + thread;
    let factor = vec4<f32>(0.999 + 1e-7 * f32(at));
    // All chains start differently, so that the compiler cannot drop any.
    let start = vec4<f32>(1.0, 1.1, 1.2, 1.3);
    var a = mat4x4<f32>(start, 2.0 * start, 3.0 * start, 4.0 * start);
    var b = 1.37 * a;
    var c = 1.73 * a;
    var d = 1.91 * a;
    for (var round = 0u; round < ROUNDS; round++) {
        a = multiply_add_columns(a, factor);
        b = multiply_add_columns(b, factor);
        c = multiply_add_columns(c, factor);
        d = multiply_add_columns(d, factor);
    }
    let sum = a[0] + a[1] + a[2] + a[3] + b[0] + b[1] + b[2] + b[3] + c[0] + c[1] + c[2] + c[3] + d[0] + d[1] + d[2] + d[3];
    sums[at] = sum.x + sum.y + sum.z + sum.w;
}

fn multiply_add_columns(m: mat4x4<f32>, factor: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        fma(m[0], factor, factor),
        fma(m[1], factor, factor),
        fma(m[2], factor, factor),
        fma(m[3], factor, factor),
    );
}
