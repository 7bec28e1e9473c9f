//! Numbers that are compared bit by bit.

use serde::{Deserialize, Serialize};

/// A float32 with its bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The bits in eight hexadecimal digits, such as `3f800000` for 1. All NaNs are `7fc00000`: which NaN an adapter
    /// returns means nothing.
    pub bits: String,
}

impl Number {
    /// The number of a value.
    pub fn new(value: f32) -> Self {
        let bits = if value.is_nan() { f32::NAN.to_bits() } else { value.to_bits() };
        Self { bits: format!("{bits:08x}") }
    }

    /// The value; none if `bits` are not eight hexadecimal digits.
    pub fn value(&self) -> Option<f32> {
        let digits = self.bits.len() == 8 && self.bits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u32::from_str_radix(&self.bits, 16).ok().filter(|_| digits).map(f32::from_bits)
    }
}

/// Below this size, nine significant digits have more than [`MOST_DECIMALS`].
const TINY: f64 = 1e-14;

/// Most digits after the point. Simple readers of JSON divide the digits, as an integer, by a power of ten; up to
/// 10^22, float64 has these powers exactly, so the quotient is the nearest number.
const MOST_DECIMALS: usize = 22;

/// A number in nine significant digits and at most 22 decimals, which every JSON reader restores exactly; none if it
/// is not finite.
pub fn short(number: f64) -> Option<f64> {
    let text = if number.abs() < TINY { format!("{number:.MOST_DECIMALS$}") } else { format!("{number:.8e}") };
    text.parse().ok().filter(|_| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through_json(number: f64) -> f64 {
        serde_json::from_str(&serde_json::to_string(&number).unwrap()).unwrap()
    }

    #[test]
    fn short_numbers_survive_json() {
        for number in [1.0 / 3.0, -2.0e-7 / 3.0, 1e-13 / 7.0, 0.0, 123_456_789_123.0] {
            let short = short(number).unwrap();
            assert!((short - number).abs() <= 1e-8 * number.abs());
            assert_eq!(through_json(short), short, "{number}");
        }
        for number in [3.106_826_16e-18, 1.0 / 3.0e14, -7.203_934_71e-21, 1e-30, 9.99e-15] {
            let short = short(number).unwrap();
            assert!((short - number).abs() <= 1e-22, "{number}: {short}");
            assert_eq!(through_json(short), short, "{number}");
        }
        assert_eq!((short(f64::NAN), short(f64::INFINITY), short(2.5)), (None, None, Some(2.5)));
    }

    #[test]
    fn every_number_survives() {
        for value in [0.0, -0.0, 1.0, -1.5e-42, f32::MAX, f32::NEG_INFINITY] {
            assert_eq!(Number::new(value).value().map(f32::to_bits), Some(value.to_bits()));
        }
        assert!(Number::new(f32::from_bits(0xffc0_0001)).value().is_some_and(f32::is_nan));
        assert_eq!(Number::new(f32::from_bits(0xffc0_0001)), Number::new(f32::NAN));
        assert_eq!(Number::new(1.0).bits, "3f800000");
        for bits in ["", "3f80000", "+f800000", "3f8000000"] {
            assert_eq!(Number { bits: bits.into() }.value(), None, "{bits}");
        }
    }
}
