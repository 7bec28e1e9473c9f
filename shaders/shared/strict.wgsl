// Strict arithmetic: if STRICT is 1, the same bits on every device. If it is 0, these are the plain operations.

const STRICT: u32 = 0u;

// A product. If STRICT is 1, it is rounded before anything is added to it: it passes through an integer operation,
// which leaves every number as it is, and through which no compiler fuses.
fn rounded(product: f32) -> f32 {
    if (STRICT == 1u) {
        return bitcast<f32>(min(bitcast<u32>(product), 0xfffffffeu));
    }
    return product;
}

// A number to keep. If STRICT is 1 and it is below 2^-60, it becomes 0: then no product of two kept numbers is so small
// that only some devices round it to 0.
fn settled(value: f32) -> f32 {
    let is_tiny = (bitcast<u32>(value) & 0x7fffffffu) < 0x21800000u;
    return select(value, 0.0, STRICT == 1u && is_tiny);
}

// sum + a b. If STRICT is 1, the product is rounded first.
fn multiply_add(a: f32, b: f32, sum: f32) -> f32 {
    if (STRICT == 1u) {
        return rounded(a * b) + sum;
    }
    return fma(a, b, sum);
}
