// Exponentials and logarithms in strict arithmetic. It needs strict.wgsl and nan.wgsl.

// The exponential of a number that is not positive, with NaN for NaN. If STRICT is 1, Cephes' polynomial (Moshier 1992)
// from sums and products alone, with 0 below -41.5, where the exponential is below 2^-60.
fn power(x: f32) -> f32 {
    if (STRICT == 0u) {
        return select(exp(x), x, is_nan(x));
    }
    // x = n log 2 + r. The high part of log 2 has so few digits that its product with n is exact.
    let bounded = clamp(x, -41.5, 0.0);
    let n = i32(rounded(bounded * 1.44269504) - 0.5);
    let r = (bounded - rounded(f32(n) * 0.693359375)) + rounded(f32(n) * 2.12194440e-4);
    var p = rounded(1.9875691500e-4 * r) + 1.3981999507e-3;
    p = rounded(p * r) + 8.3334519073e-3;
    p = rounded(p * r) + 4.1665795894e-2;
    p = rounded(p * r) + 1.6666665459e-1;
    p = rounded(p * r) + 5.0000001201e-1;
    // A driver may add a constant first, unless the other sum is rounded too.
    p = rounded(rounded(p * rounded(r * r)) + r) + 1.0;
    let scaled = p * bitcast<f32>(u32(n + 127) << 23u);
    return select(select(scaled, 0.0, x < -41.5), x, is_nan(x));
}

// The logarithm of a normal positive number, with NaN and infinity for themselves. If STRICT is 1, Cephes' polynomial
// (Moshier 1992) from sums and products alone.
fn log_of(x: f32) -> f32 {
    if (STRICT == 0u) {
        return select(log(x), x, is_nan(x));
    }
    // x = m 2^e with m from 0.707 to 1.414.
    let e = i32((bitcast<u32>(x) - 0x3f3504f3u) >> 23u) - select(0, 512, bitcast<u32>(x) < 0x3f3504f3u);
    let f = bitcast<f32>(bitcast<u32>(x) - (u32(e) << 23u)) - 1.0;
    let z = rounded(f * f);
    var p = rounded(7.0376836292e-2 * f) - 1.1514610310e-1;
    p = rounded(p * f) + 1.1676998740e-1;
    p = rounded(p * f) - 1.2420140846e-1;
    p = rounded(p * f) + 1.4249322787e-1;
    p = rounded(p * f) - 1.6668057665e-1;
    p = rounded(p * f) + 2.0000714765e-1;
    p = rounded(p * f) - 2.4999993993e-1;
    p = rounded(p * f) + 3.3333331174e-1;
    let low = (rounded(rounded(p * f) * z) - rounded(f32(e) * 2.12194440e-4)) - rounded(0.5 * z);
    let value = (f + low) + rounded(f32(e) * 0.693359375);
    return select(x, value, is_finite(x));
}
