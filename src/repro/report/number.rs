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

/// A number in nine significant digits, which every JSON reader restores exactly; none if it is not finite.
pub fn short(number: f64) -> Option<f64> {
    format!("{number:.8e}").parse().ok().filter(|_| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_survive_json() {
        for number in [1.0 / 3.0, -2.0e-7 / 3.0, 1e-13 / 7.0, 0.0, 123_456_789_123.0] {
            let short = short(number).unwrap();
            assert!((short - number).abs() <= 1e-8 * number.abs());
            let read: f64 = serde_json::from_str(&serde_json::to_string(&short).unwrap()).unwrap();
            assert_eq!(read.to_bits(), short.to_bits(), "{number}");
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
