//! Reads a [`Config`] from a TOML table, with errors that name the key and speak of numbers and words.
//!
//! `toml`'s own reader would say `invalid type: string "x", expected f64` and leave the key to its caller. This one
//! takes the expectation from the type that it reads, so there is no list of types or words to keep up to date.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use strsim::jaro_winkler;
use toml::map::Iter;
use toml::{Table, Value};

use super::error::any_of;
use super::{Config, ConfigError};

/// Reads a whole table. The error is a [`ConfigError::Value`] without an origin.
pub(super) fn read(table: Table) -> Result<Config, ConfigError> {
    let config = Config::deserialize(ValueReader(&Value::Table(table)));
    config.map_err(|Mismatch { key, expected, found, nearest }| ConfigError::Value {
        origin: None,
        key,
        expected,
        found,
        nearest,
    })
}

/// Names what was found, in a few words.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Array(_) => "a list".into(),
        Value::Table(_) => "a table".into(),
        _ => value.to_string(),
    }
}

#[derive(Debug, Default, thiserror::Error)]
#[error("{key}: expected {expected}, found {found}")]
struct Mismatch {
    key: String,
    expected: String,
    found: String,
    nearest: Option<String>,
}

impl Mismatch {
    /// Adds what only the enclosing table knows: the value's key and, at the innermost level, the value.
    fn within(mut self, name: &str, value: &Value) -> Self {
        if self.key.is_empty() {
            Self { key: name.to_owned(), found: describe(value), ..self }
        } else {
            self.key = format!("{name}.{}", self.key);
            self
        }
    }
}

impl de::Error for Mismatch {
    fn custom<T: std::fmt::Display>(expected: T) -> Self {
        Self { expected: expected.to_string(), ..Self::default() }
    }

    fn invalid_type(_found: Unexpected, expected: &dyn de::Expected) -> Self {
        Self::custom(expected)
    }

    fn invalid_value(_found: Unexpected, expected: &dyn de::Expected) -> Self {
        Self::custom(expected)
    }
}

struct Entries<'a> {
    rest: Iter<'a, String, Value>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        self.value = self.rest.next().map(|(name, value)| (name.as_str(), value));
        self.value.map(|(name, _)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let (name, value) = self.value.take().expect("serde asks for a value only after its key");
        seed.deserialize(ValueReader(value)).map_err(|mismatch| mismatch.within(name, value))
    }
}

struct ValueReader<'a>(&'a Value);

impl<'de> Deserializer<'de> for ValueReader<'_> {
    type Error = Mismatch;

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Boolean(flag) => visitor.visit_bool(*flag),
            _ => Err(de::Error::custom("true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Integer(number @ 0..) => visitor.visit_i64(*number),
            _ => Err(de::Error::custom("a whole number of at least 0")),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Integer(number) => visitor.visit_i64(*number),
            _ => Err(de::Error::custom("a number")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::String(text) => visitor.visit_str(text),
            _ => Err(de::Error::custom("text")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let word = self.0.as_str();
        if let Some(word) = word.filter(|word| words.contains(word)) {
            return visitor.visit_enum(StrDeserializer::new(word));
        }
        let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        let nearest = word.and_then(|word| nearest_word(word, words));
        Err(Mismatch { expected: any_of(&quoted), nearest, ..Mismatch::default() })
    }

    /// Reads tables, and values that may be words or numbers.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Table(table) => visitor.visit_map(Entries { rest: table.iter(), value: None }),
            Value::String(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(flag) => visitor.visit_bool(*flag),
            Value::Array(_) | Value::Datetime(_) => Err(de::Error::invalid_type(Unexpected::Other("value"), &visitor)),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 f32 char str bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn nearest_word(word: &str, words: &[&str]) -> Option<String> {
    let nearest = words.iter().max_by(|a, b| jaro_winkler(word, a).total_cmp(&jaro_winkler(word, b)));
    nearest.map(|word| word.to_string())
}
