// The products of products.wgsl in strict arithmetic. It needs strict.wgsl and strict_vectors.wgsl.

// sums + a b^T, with one column per element of b.
fn add_outer_product(sums: mat4x4<f32>, a: vec4<f32>, b: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        multiply_add4(a, vec4<f32>(b.x), sums[0]),
        multiply_add4(a, vec4<f32>(b.y), sums[1]),
        multiply_add4(a, vec4<f32>(b.z), sums[2]),
        multiply_add4(a, vec4<f32>(b.w), sums[3]),
    );
}
