// Square roots in strict arithmetic. It needs strict.wgsl.

// The square root. If STRICT is 1, rounded to nearest by a digit recurrence of integers, since WGSL leaves its last
// bits open.
fn root_of(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let exponent = bits >> 23u;
    if (STRICT == 0u || exponent == 0u || exponent > 254u) {
        return sqrt(x);
    }
    // x is a number of 26 bits times a power of 4.
    let significand = ((bits & 0x7fffffu) | 0x800000u) << (2u - (exponent & 1u));
    var rest = 0u;
    var digits = 0u;
    for (var round = 0u; round < 25u; round++) {
        let next = select(0u, (significand >> (24u - 2u * min(round, 12u))) & 3u, round < 13u);
        rest = (rest << 2u) | next;
        let trial = (digits << 2u) | 1u;
        let fits = rest >= trial;
        rest -= select(0u, trial, fits);
        digits = (digits << 1u) | select(0u, 1u, fits);
    }
    let up = digits & select(digits >> 1u, 1u, rest > 0u) & 1u;
    return bitcast<f32>((((exponent + 1u) / 2u + 63u) << 23u) + ((digits >> 1u) & 0x7fffffu) + up);
}
