//! Strict arithmetic on the host: what the kernels of `shaders/` compute if `STRICT` is 1, with the same bits.
//!
//! It takes sums, products, quotients and square roots of float32, each rounded by itself, in a fixed order. The compiler
//! neither fuses nor reorders them, so loops may use vectors of any width.

/// Numbers to keep below this become 0 (2^-60). So products of two kept numbers are never so small that some devices
/// round them to 0 and others do not.
const SMALLEST: f32 = f32::from_bits(0x2180_0000);

/// Moments to keep below this become 0 (2^-120).
const SMALLEST_MOMENT: f32 = f32::from_bits(0x0380_0000);

/// From here down, [`power`] is 0.
const LOWEST_POWER: f32 = -41.5;

/// A number to keep.
#[inline(always)]
pub fn settled(value: f32) -> f32 {
    if value.abs() < SMALLEST { 0.0 } else { value }
}

/// A moment to keep.
#[inline(always)]
pub fn normal(value: f32) -> f32 {
    if value.abs() < SMALLEST_MOMENT { 0.0 } else { value }
}

/// Settles all numbers.
pub fn settle(values: &mut [f32]) {
    super::simd::vectorized(|| values.iter_mut().for_each(|value| *value = settled(*value)));
}

/// The exponential of a number that is not positive, within 2e-7 of it, by Cephes' polynomial (Moshier 1992); 0 below
/// -41.5, and NaN for NaN.
pub fn power(x: f32) -> f32 {
    if x.is_nan() || x < LOWEST_POWER {
        return if x.is_nan() { x } else { 0.0 };
    }
    let bounded = x.min(0.0);
    let n = (bounded * std::f32::consts::LOG2_E - 0.5) as i32;
    let r = (bounded - n as f32 * 0.693_359_4) + n as f32 * 2.121_944_4e-4;
    let coefficients = [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 5.0e-1];
    let p: f32 = coefficients.into_iter().fold(1.987_569_1e-4, |p, coefficient| p * r + coefficient);
    ((p * (r * r) + r) + 1.0) * f32::from_bits(((n + 127) as u32) << 23)
}

/// The logarithm of a normal positive number, within 2e-7 of it or of 1, by Cephes' polynomial (Moshier 1992); NaN and
/// infinity for themselves.
pub fn log_of(x: f32) -> f32 {
    if !x.is_finite() {
        return x;
    }
    // x = m 2^e with m from 0.707 to 1.414.
    let e = (x.to_bits().wrapping_sub(0x3f35_04f3)).cast_signed() >> 23;
    let f = f32::from_bits(x.to_bits().wrapping_sub((e as u32) << 23)) - 1.0;
    let z = f * f;
    let coefficients = [
        -1.151_461e-1,
        1.167_699_84e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_7e-1,
        2.000_071_4e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let p: f32 = coefficients.into_iter().fold(7.037_683_6e-2, |p, coefficient| p * f + coefficient);
    let low = (p * f * z - e as f32 * 2.121_944_4e-4) - 0.5 * z;
    (f + low) + e as f32 * 0.693_359_4
}

/// The sum of the sums of a workgroup's invocations: first, each of `parts` invocations adds up every `parts`-th one.
pub fn added_up(sums: &[f32], parts: usize) -> f32 {
    let part = |part: usize| sums.iter().skip(part).step_by(parts).fold(0.0_f32, |sum, x| sum + x);
    (0..parts).map(part).fold(0.0_f32, |sum, x| sum + x)
}

/// The sum of numbers of which each of `THREADS` invocations takes every `THREADS`-th one, as [`added_up`] adds them.
pub fn strided_sum<const THREADS: usize>(values: &[f32], parts: usize) -> f32 {
    added_up(&strided::<THREADS>(values, values, |x, _| x), parts)
}

/// The sums of `f` of corresponding numbers, of which each of `THREADS` invocations takes every `THREADS`-th one.
#[inline(always)]
pub fn strided<const THREADS: usize>(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> [f32; THREADS] {
    let mut sums = [0.0; THREADS];
    let blocks = a.chunks(THREADS).zip(b.chunks(THREADS));
    blocks.for_each(|(a, b)| sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += f(*a, *b)));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_near_the_exact_ones() {
        for step in 0..=415_000 {
            let x = -step as f32 * 1e-4;
            let exact = libm::exp(f64::from(x));
            assert!((f64::from(power(x)) / exact - 1.0).abs() < 2e-7, "{x}: {} instead of {exact}", power(x));
        }
        assert_eq!([0.0, -0.0, -42.0, -1e9, f32::NEG_INFINITY].map(power), [1.0, 1.0, 0.0, 0.0, 0.0]);
        assert!(power(f32::NAN).is_nan());
    }

    #[test]
    fn logarithms_are_near_the_exact_ones() {
        // Every 97th normal positive number.
        for bits in (0x0080_0000..0x7f80_0000_u32).step_by(97) {
            let x = f32::from_bits(bits);
            let exact = libm::log(f64::from(x));
            let error = (f64::from(log_of(x)) - exact).abs() / exact.abs().max(1.0);
            assert!(error < 2e-7, "{x}: {} instead of {exact}", log_of(x));
        }
        assert_eq!([1.0, f32::INFINITY].map(log_of), [0.0, f32::INFINITY]);
        assert!(log_of(f32::NAN).is_nan());
    }

    #[test]
    fn tiny_numbers_become_zero_and_others_stay() {
        let kept = [f32::from_bits(0x2180_0000), -1.0, f32::INFINITY];
        assert_eq!(kept.map(settled), kept);
        assert_eq!([8.0e-19, -8.0e-19, 1e-45].map(settled), [0.0; 3]);
        assert_eq!([1e-30, 1e-37].map(normal), [1e-30, 0.0]);
        assert!(settled(f32::NAN).is_nan() && normal(f32::NAN).is_nan());
        // What remains has normal products.
        const { assert!(SMALLEST * SMALLEST >= f32::MIN_POSITIVE) };
    }

    #[test]
    fn sums_have_the_order_of_a_workgroup() {
        // In this order, no number is lost.
        let mut values = [0.0; 8];
        (values[0], values[1], values[4], values[5]) = (1e8, 1.0, -1e8, 1.0);
        assert_eq!(added_up(&values, 4), 2.0);
        assert_eq!(strided_sum::<4>(&values, 2), 2.0);
        assert_eq!(values.iter().sum::<f32>(), 1.0);
    }
}
