//! Reads the text of shaders.

use std::collections::BTreeMap;

use slgan::kernels::shader::Shader;

use crate::files::{files, text};

const SHARED: &str = "shaders/shared";

/// The shaders by name, with what they import.
pub fn shaders() -> BTreeMap<String, String> {
    own_texts().into_iter().map(|(name, text)| (name.clone(), Shader::new(name.leak(), text.leak()).source())).collect()
}

/// The files of shaders by name, without what they import.
pub fn own_texts() -> BTreeMap<String, String> {
    let paths = files("shaders", ".wgsl").into_iter();
    named("shaders", paths.filter(|path| !path.starts_with(SHARED)))
}

/// The files that shaders import, by name.
pub fn shared_texts() -> BTreeMap<String, String> {
    named(SHARED, files(SHARED, ".wgsl").into_iter())
}

fn named(folder: &str, paths: impl Iterator<Item = String>) -> BTreeMap<String, String> {
    let name = |path: &str| path.trim_start_matches(folder).trim_matches('/').trim_end_matches(".wgsl").to_owned();
    paths.map(|path| (name(&path), text(&path))).collect()
}

/// A text without comments.
pub fn code(text: &str) -> String {
    text.lines().flat_map(|line| [line.split("//").next().unwrap_or_default(), "\n"]).collect()
}

/// The names that a text declares.
pub fn declared(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let rest = ["fn ", "struct ", "const "].into_iter().find_map(|kind| line.strip_prefix(kind))?;
        rest.split(|letter: char| !is_of_word(letter)).next().map(str::to_owned)
    };
    text.lines().filter_map(name).collect()
}

/// Whether a text has a word.
pub fn mentions(text: &str, word: &str) -> bool {
    text.split(|letter: char| !is_of_word(letter)).any(|other| other == word)
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
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
