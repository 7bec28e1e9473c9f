//! Command lines for people to copy into a shell.

/// Words as a line for a shell.
pub fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted = |word: &str| {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.,:=/+%@".contains(letter);
        let is_plain = !word.is_empty() && word.chars().all(is_plain);
        if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_shells() {
        assert_eq!(line(["a", "", "it's", "$HOME", "x=1"]), r"a '' 'it'\''s' '$HOME' x=1");
    }
}
