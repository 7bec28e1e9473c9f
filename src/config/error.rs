//! Errors of configurations, worded so that the reader can fix them without the manual.

use std::fmt::Display;

use thiserror::Error;

/// What is wrong with a configuration. `Display` is one line, and names the dotted key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The text of a file is not TOML.
    #[error("{origin}, line {line}: {message}")]
    Syntax {
        /// The file.
        origin: String,
        /// The line of the mistake, from 1.
        line: usize,
        /// The parser's message.
        message: String,
    },
    /// A setting of the command line lacks its key or its `=`.
    #[error("--set: expected KEY=VALUE, found {found:?}")]
    NotASetting {
        /// The setting.
        found: String,
    },
    /// There is no such key.
    #[error("{origin}: unknown key `{key}`; the nearest is `{nearest}`")]
    UnknownKey {
        /// The file or flag that names the key.
        origin: String,
        /// The key.
        key: String,
        /// The most similar valid key.
        nearest: String,
    },
    /// A value has the wrong type, or is out of range.
    #[error("{}{key}: expected {expected}, found {found}{}", prefix(.origin), suffix(.nearest))]
    Value {
        /// The file or flag that sets the key; none if the value is a default or code set it.
        origin: Option<String>,
        /// The key.
        key: String,
        /// What the value may be.
        expected: String,
        /// The value found.
        found: String,
        /// The most similar valid word, if only certain words are valid.
        nearest: Option<String>,
    },
}

fn prefix(origin: &Option<String>) -> String {
    origin.as_ref().map_or_else(String::new, |origin| format!("{origin}: "))
}

fn suffix(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |nearest| format!("; the nearest is {nearest:?}"))
}

/// Joins choices into a phrase: `28, 32 or 48`.
pub(super) fn any_of<T: Display>(choices: &[T]) -> String {
    let mut text = String::new();
    for (index, choice) in choices.iter().enumerate() {
        let separator = match choices.len() - index {
            _ if index == 0 => "",
            1 => " or ",
            _ => ", ",
        };
        text.push_str(&format!("{separator}{choice}"));
    }
    text
}
