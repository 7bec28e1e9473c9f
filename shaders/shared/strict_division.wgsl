// Division in strict arithmetic. It needs strict.wgsl.

// a / b. If STRICT is 1, rounded to nearest by a long division of integers, since WGSL leaves the last bits of a
// quotient open. Smaller than any normal number, it is 0.
fn divided(a: f32, b: f32) -> f32 {
    let first = bitcast<u32>(a);
    let second = bitcast<u32>(b);
    let exponents = vec2(first >> 23u, second >> 23u) & vec2(255u);
    if (STRICT == 0u || any(exponents == vec2(0u)) || any(exponents == vec2(255u))) {
        return a / b;
    }
    let divisor = (second & 0x7fffffu) | 0x800000u;
    let dividend = (first & 0x7fffffu) | 0x800000u;
    let is_less = dividend < divisor;
    let exponent = i32(exponents.x) - i32(exponents.y) + select(127, 126, is_less);
    // The digits after the first, which is 1, eight at a time.
    var rest = select(dividend, 2u * dividend, is_less) - divisor;
    var digits = 1u;
    for (var round = 0u; round < 3u; round++) {
        digits = (digits << 8u) | ((rest << 8u) / divisor);
        rest = (rest << 8u) % divisor;
    }
    let up = digits & select(digits >> 1u, 1u, rest > 0u) & 1u;
    let magnitude = (u32(exponent) << 23u) + ((digits >> 1u) & 0x7fffffu) + up;
    let bounded = select(select(magnitude, 0x7f800000u, exponent > 254), 0u, exponent < 1);
    return bitcast<f32>(((first ^ second) & 0x80000000u) | bounded);
}
