//! Errors as sentences for the page.

use std::error::Error;

use wasm_bindgen::JsError;

/// An error with its causes, as one sentence for the page.
pub fn sentence(error: impl Error) -> JsError {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Some errors repeat their cause's words.
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    JsError::new(&words)
}
