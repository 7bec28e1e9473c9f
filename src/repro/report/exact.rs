//! The exact and the strict layer: what must agree on every platform.

use serde::{Deserialize, Serialize};

/// Something that has the same bytes on every platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExactItem {
    /// Its name, such as `random words`; no two items of a layer share one.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
    /// How many bytes were hashed.
    pub bytes: u64,
    /// Their SHA-256 in hexadecimal digits.
    pub sha256: String,
}
