// Batch normalisation in front of its ReLU. It needs strict.wgsl and strict_vectors.wgsl.

// The value before the ReLU. Every kernel that needs it computes it by this function, with one rounding: they agree on
// which values the ReLU cuts, whatever a compiler does with products and sums elsewhere.
fn before_cut(normalized: vec4<f32>, factor: f32, offset: f32) -> vec4<f32> {
    return settled4(multiply_add4(normalized, vec4(factor), vec4(offset)));
}
