//! Items from bytes, words and numbers.

use crate::repro::report::ExactItem;
use crate::train::seal::sha256;

/// An item from its bytes.
pub fn of_bytes(name: &str, about: &str, bytes: &[u8]) -> ExactItem {
    ExactItem { name: name.to_owned(), about: about.to_owned(), bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

/// An item from integers, as little-endian words of 64 bits.
pub fn of_integers(name: &str, about: &str, integers: impl IntoIterator<Item = i64>) -> ExactItem {
    let bytes: Vec<u8> = integers.into_iter().flat_map(i64::to_le_bytes).collect();
    of_bytes(name, about, &bytes)
}

/// An item from numbers, as little-endian float32.
pub fn of_numbers(name: &str, about: &str, numbers: impl IntoIterator<Item = f32>) -> ExactItem {
    let bytes: Vec<u8> = numbers.into_iter().flat_map(f32::to_le_bytes).collect();
    of_bytes(name, about, &bytes)
}
