//! The program prints only through `native/src/output.rs`: the macros of the standard library panic without a reader.

use crate::files::{files, text};

const PANICKING: [&str; 5] = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];

const PRINTS: &str = "native/src/output.rs";

/// Whether a line of code, not of comment, has a word that nothing continues to the left.
fn has(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

#[test]
fn the_program_prints_only_through_one_module() {
    let mut failures = Vec::new();
    for path in files("native/src", ".rs").into_iter().filter(|path| path != PRINTS) {
        for (number, line) in text(&path).lines().enumerate() {
            if PANICKING.iter().any(|word| has(line, word)) || has(line, "stdout()") {
                failures.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(failures.is_empty(), "use say! or result!:\n{}", failures.join("\n"));
}

#[test]
fn panicking_macros_are_found() {
    assert!(has("    println!(\"a\");", "println!") && has("x(|| eprintln!())", "eprintln!"));
    assert!(!has("// println!", "println!") && !has("eprintln!()", "println!"));
}
