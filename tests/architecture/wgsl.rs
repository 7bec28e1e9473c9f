//! Reads the text of shaders.

use std::collections::BTreeMap;

use crate::files::{files, text};

/// The shaders by name, with their texts.
pub fn shaders() -> BTreeMap<String, String> {
    let named = files("shaders", ".wgsl").into_iter().map(|path| {
        let name = path.trim_start_matches("shaders/").trim_end_matches(".wgsl").to_owned();
        (name, text(&path))
    });
    named.collect()
}

/// The functions of a shader except its entry point: by name, the text of each.
pub fn functions(shader: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = shader.lines();
    while let Some(line) = lines.next() {
        let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) else { continue };
        let body = lines.by_ref().take_while(|line| *line != "}");
        let whole: Vec<&str> = [line].into_iter().chain(body).collect();
        if name != "main" {
            found.insert(name.to_owned(), whole.join("\n"));
        }
    }
    found
}

/// The constants of a type, by name, if their values are plain numbers.
pub fn constants(shader: &str, kind: &str) -> BTreeMap<String, f64> {
    let declared = shader.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("const ")?.split_once(": ")?;
        let value = rest.strip_prefix(kind)?.strip_prefix(" = ")?.strip_suffix(';')?;
        Some((name.to_owned(), number(value)?))
    });
    declared.collect()
}

/// The decimal numbers in a text, in order.
pub fn fractions(text: &str) -> Vec<f64> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '-'));
    words.filter(|word| word.contains('.')).filter_map(number).collect()
}

fn number(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches('u');
    match digits.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(f64::from),
        None => digits.parse().ok(),
    }
}
