// What strict.wgsl does, for vectors. It needs that file.

// Products. If STRICT is 1, they are rounded before anything is added to them: they pass through an integer operation,
// which leaves every number as it is, and through which no compiler fuses.
fn rounded2(products: vec2<f32>) -> vec2<f32> {
    if (STRICT == 1u) {
        return bitcast<vec2<f32>>(min(bitcast<vec2<u32>>(products), vec2(0xfffffffeu)));
    }
    return products;
}

// Products. If STRICT is 1, they are rounded before anything is added to them: they pass through an integer operation,
// which leaves every number as it is, and through which no compiler fuses.
fn rounded4(products: vec4<f32>) -> vec4<f32> {
    if (STRICT == 1u) {
        return bitcast<vec4<f32>>(min(bitcast<vec4<u32>>(products), vec4(0xfffffffeu)));
    }
    return products;
}

// Numbers to keep. If STRICT is 1, those below 2^-60 become 0: then no product of two kept numbers is so small that
// only some devices round it to 0.
fn settled2(values: vec2<f32>) -> vec2<f32> {
    let are_tiny = (bitcast<vec2<u32>>(values) & vec2(0x7fffffffu)) < vec2(0x21800000u);
    return select(values, vec2(0.0), are_tiny & vec2(STRICT == 1u));
}

// Numbers to keep. If STRICT is 1, those below 2^-60 become 0: then no product of two kept numbers is so small that
// only some devices round it to 0.
fn settled4(values: vec4<f32>) -> vec4<f32> {
    let are_tiny = (bitcast<vec4<u32>>(values) & vec4(0x7fffffffu)) < vec4(0x21800000u);
    return select(values, vec4(0.0), are_tiny & vec4(STRICT == 1u));
}

// sum + a b. If STRICT is 1, the product is rounded first.
fn multiply_add4(a: vec4<f32>, b: vec4<f32>, sum: vec4<f32>) -> vec4<f32> {
    if (STRICT == 1u) {
        return rounded4(a * b) + sum;
    }
    return fma(a, b, sum);
}
