//! Names of files and classes as people see them.
//!
//! A name comes from whoever made the data. Control characters in it could command a terminal, and names that are not
//! Unicode have no text. So a [`Source`](super::Source) lists only names that [`shown`] has made printable, and everything
//! after it (classes, errors, notes, tables) is safe. The source knows which file each of them means.

use std::fmt::Write;

/// A name or path as printable text; different names have different texts.
///
/// Names without a backslash or a hidden character stay as they are. Hidden characters become `\n` or `\u{1b}`, bytes
/// that are not Unicode `\xff`, and a backslash becomes two.
pub fn shown(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '\\' {
                text.push(character);
            }
            push(&mut text, character);
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("a text takes every write");
        }
    }
    text
}

/// A text with its hidden characters made visible. Unlike [`shown`], it keeps backslashes, which separate folders on
/// Windows.
pub fn printable(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    text.chars().for_each(|character| push(&mut visible, character));
    visible
}

/// The first names, so that thousands still fit on a screen: `a, b and 8 more`.
pub(super) fn first_of(names: &[impl AsRef<str>], separator: &str) -> String {
    const MOST: usize = 10;
    let first = names.iter().take(MOST).map(AsRef::as_ref).collect::<Vec<_>>().join(separator);
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{first} and {more} more"),
        _ => first,
    }
}

fn push(text: &mut String, character: char) {
    if is_hidden(character) {
        text.extend(character.escape_default());
    } else {
        text.push(character);
    }
}

/// Whether a character has no picture of its own, but changes what a terminal does, or how others around it look.
fn is_hidden(character: char) -> bool {
    let reorders =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_lines = matches!(character, '\u{2028}' | '\u{2029}');
    let is_empty = matches!(character, '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    character.is_control() || reorders || breaks_lines || is_empty
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn usual_names_stay_as_they_are() {
        for name in ["cat/1.png", "Grüße (2).jpg", "猫/写真.png", "👩‍🎨.png", " a  b ", "=1+1", ""] {
            assert_eq!(shown(name.as_bytes()), name);
            assert_eq!(printable(name), name);
        }
    }

    #[test]
    fn hidden_characters_and_other_bytes_become_visible() {
        let cases: [(&[u8], &str); 6] = [
            (b"a\nb\t\x1b[31m\x7f", r"a\nb\t\u{1b}[31m\u{7f}"),
            ("gpj.\u{202e}x".as_bytes(), r"gpj.\u{202e}x"),
            ("\u{9b}1m\u{2028}\u{feff}".as_bytes(), r"\u{9b}1m\u{2028}\u{feff}"),
            (b"caf\xe9.png", r"caf\xe9.png"),
            (b"\xed\xa0\x80", r"\xed\xa0\x80"),
            (br"a\b", r"a\\b"),
        ];
        for (name, expected) in cases {
            assert_eq!(shown(name), expected);
        }
        assert_eq!(printable("C:\\a\r\nb"), r"C:\a\r\nb");
    }

    #[test]
    fn different_names_stay_different() {
        let names: [&[u8]; 9] =
            [b"\xff", br"\xff", br"\\xff", b"\n", br"\n", b"\\\n", b"\xfe", "\u{ff}".as_bytes(), br"\u{ff}"];
        let texts: BTreeSet<String> = names.into_iter().map(shown).collect();
        assert_eq!(texts.len(), names.len(), "{texts:?}");
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..12).map(|index| index.to_string()).collect();
        assert_eq!(first_of(&names[..2], ", "), "0, 1");
        assert_eq!(first_of(&names[..10], " "), "0 1 2 3 4 5 6 7 8 9");
        assert_eq!(first_of(&names, " "), "0 1 2 3 4 5 6 7 8 9 and 2 more");
    }
}
