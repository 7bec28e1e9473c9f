//! The hyperbolic tangent on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::elementwise::{combine, map};
use crate::kernels::host::strict::settled;
use crate::kernels::launch::Launch;
use crate::kernels::tanh::{TanhGradients, TanhOps};

/// As in `shaders/tanh.wgsl`: from here on, the quotient is 1.
const BOUND: f32 = 8.66;

/// Coefficients of the quotient's numerator, starting with x, and of its denominator, as in `shaders/tanh.wgsl`.
const NUMERATOR: [f32; 5] = [1.0, 1.340_216_1e-1, 3.520_756_7e-3, 2.102_733_6e-5, 1.394_553_6e-8];
const DENOMINATOR: [f32; 5] = [1.0, 4.673_548_3e-1, 2.597_254_5e-2, 3.326_951_4e-4, 8.015_777e-7];

impl TanhOps for Flex {
    fn tanh(x: FlexTensor, launch: Launch) -> FlexTensor {
        if launch.is_strict() { map(x, |x| settled(tanh(x))) } else { map(x, tanh) }
    }
}

impl TanhGradients for Flex {
    fn tanh_gradient(y: FlexTensor, gradient: FlexTensor, launch: Launch) -> FlexTensor {
        // Not 1 - y * y, which would cancel near -1 and 1.
        let pulled_back = |y: f32, gradient: f32| gradient * ((1.0 - y) * (1.0 + y));
        if launch.is_strict() {
            return combine(y, gradient, move |y, gradient| settled(pulled_back(y, gradient)));
        }
        combine(y, gradient, pulled_back)
    }
}

/// The hyperbolic tangent within 4e-7, never outside -1 to 1. It takes only sums, products and one quotient, so it has
/// the same bits on every processor, unlike a system library's function.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    // Unlike `max` and `min`, `clamp` keeps NaN.
    let x = x.clamp(-BOUND, BOUND);
    let square = x * x;
    let polynomial = |coefficients: [f32; 5]| coefficients.into_iter().rev().fold(0.0, |sum, c| sum * square + c);
    (x * (polynomial(NUMERATOR) / polynomial(DENOMINATOR))).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_near_the_exact_function_and_odd() {
        for step in 0..=1_000_000 {
            let x = step as f32 * 1e-5;
            let exact = libm::tanh(f64::from(x));
            assert!((f64::from(tanh(x)) - exact).abs() < 4e-7, "{x}: {} instead of {exact}", tanh(x));
            assert!(tanh(x) <= 1.0 && tanh(-x) == -tanh(x), "{x}");
        }
    }

    #[test]
    fn small_numbers_keep_their_digits() {
        for exponent in -30..-1 {
            let x = 10.0f32.powi(exponent);
            let exact = libm::tanh(f64::from(x));
            assert!((f64::from(tanh(x)) / exact - 1.0).abs() < 3e-7, "{x}: {} instead of {exact}", tanh(x));
        }
    }

    #[test]
    fn the_ends_are_those_of_the_function() {
        assert_eq!([f32::NEG_INFINITY, -100.0, 0.0, 100.0, f32::INFINITY].map(tanh), [-1.0, -1.0, 0.0, 1.0, 1.0]);
        assert!(tanh(f32::NAN).is_nan());
        assert!(tanh(-0.0).is_sign_negative());
    }
}
