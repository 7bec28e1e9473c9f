// Products of vectors that make a matrix.

// sums + a b^T, with one column per element of b.
fn add_product(sums: mat4x4<f32>, a: vec4<f32>, b: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        fma(a, vec4<f32>(b.x), sums[0]),
        fma(a, vec4<f32>(b.y), sums[1]),
        fma(a, vec4<f32>(b.z), sums[2]),
        fma(a, vec4<f32>(b.w), sums[3]),
    );
}
