//! How many manual labels a run uses: a word or a number under one key.

use std::fmt;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many manual labels a run uses: `"auto"`, `"none"`, `"all"`, `"given"` or a fraction from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LabelBudget {
    /// 1 % for `glyphs`, `given` for partly labelled sets, `all` for other labelled sets, `none` without labels.
    Auto,
    /// No labels. The fraction 0 means the same.
    None,
    /// All labels. The fraction 1 means the same.
    All,
    /// The labels that a partly labelled data set comes with.
    Given,
    /// A fraction of all real images, above 0 and below 1, balanced by class and fixed by the seed.
    Fraction(f64),
}

impl LabelBudget {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "none" => Some(Self::None),
            "all" => Some(Self::All),
            "given" => Some(Self::Given),
            number => number.parse().ok().and_then(Self::from_fraction),
        }
    }

    fn from_fraction(number: f64) -> Option<Self> {
        match number {
            0.0 => Some(Self::None),
            1.0 => Some(Self::All),
            _ if 0.0 < number && number < 1.0 => Some(Self::Fraction(number)),
            _ => None,
        }
    }
}

impl Serialize for LabelBudget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::None => serializer.serialize_str("none"),
            Self::All => serializer.serialize_str("all"),
            Self::Given => serializer.serialize_str("given"),
            Self::Fraction(number) => serializer.serialize_f64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for LabelBudget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrFraction)
    }
}

struct WordOrFraction;

impl Visitor<'_> for WordOrFraction {
    type Value = LabelBudget;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(r#""auto", "none", "all", "given" or a fraction from 0 to 1"#)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<LabelBudget, E> {
        LabelBudget::from_word(word).ok_or_else(|| E::invalid_value(Unexpected::Str(word), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<LabelBudget, E> {
        LabelBudget::from_fraction(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<LabelBudget, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<LabelBudget, E> {
        self.visit_f64(number as f64)
    }
}
