//! What can be wrong with a configuration, told so that the reader can mend it without the manual.

use std::fmt::Display;

use thiserror::Error;

/// What is wrong with a configuration. `Display` is one line, and names the key as it is written with dots.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The text of a file is not TOML.
    #[error("{origin}, line {line}: {message}")]
    Syntax {
        /// The file.
        origin: String,
        /// The line of the mistake, from 1.
        line: usize,
        /// The parser's words.
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
        /// The valid key that is most like it.
        nearest: String,
    },
    /// A value is of the wrong type, or out of its range.
    #[error("{}{key}: expected {expected}, found {found}{}", prefix(.origin), suffix(.nearest))]
    Value {
        /// The file or flag that sets the key; none where the value is a default, or was set by code.
        origin: Option<String>,
        /// The key.
        key: String,
        /// What the value may be.
        expected: String,
        /// What it is.
        found: String,
        /// The valid word that is most like it, where only some words are valid.
        nearest: Option<String>,
    },
}

fn prefix(origin: &Option<String>) -> String {
    origin.as_ref().map_or_else(String::new, |origin| format!("{origin}: "))
}

fn suffix(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |nearest| format!("; the nearest is {nearest:?}"))
}

/// Lists choices as a sentence does: `28, 32 or 48`.
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
