#import strict

// The hyperbolic tangent of x, of any shape with COUNT elements.
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;

// From here on, the quotient is 1.
const BOUND: f32 = 8.66;

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
            y[at] = select(settled(quotient(clamp(value, -BOUND, BOUND))), value, is_nan(value));
        }
    }
}

// WGSL's own tanh may use exponentials, which overflow on some adapters and give errors of up to 1e-5. This is the
// rational function of Eigen's and XLA's tanh, within 4e-7.
fn quotient(x: f32) -> f32 {
    let s = x * x;
    let numerator = polynomial(1.394553628e-8, 2.102733560e-5, 3.520756727e-3, 1.340216100e-1, 1.0, s);
    let denominator = polynomial(8.015776984e-7, 3.326951409e-4, 2.597254514e-2, 4.673548340e-1, 1.0, s);
    return clamp(x * divided(numerator, denominator), -1.0, 1.0);
}

// Tests the bits, which without the sign are above those of infinity, since a compiler may assume that there is no NaN.
fn is_nan(value: f32) -> bool {
    return (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
}

// a s^4 + b s^3 + c s^2 + d s + e.
fn polynomial(a: f32, b: f32, c: f32, d: f32, e: f32, s: f32) -> f32 {
    return multiply_add(multiply_add(multiply_add(multiply_add(a, s, b), s, c), s, d), s, e);
}

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
