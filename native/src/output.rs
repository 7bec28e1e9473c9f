//! Everything that the program prints.
//!
//! `println!` and `eprintln!` panic where nobody reads any more: a pipe whose reader has gone, a terminal that was
//! closed. [`say!`] reports progress to people on standard error; it never fails, because a run must not end for want
//! of a reader. [`result!`] prints what a command was called for, on standard output; without a reader there is nothing
//! left to do, so it ends the process. Neither lets control characters through, which a name from a data set may hold
//! and a terminal would obey.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code after the reader of standard output has gone, as in shells: 128 + SIGPIPE.
const CLOSED_PIPE: u8 = 141;

/// Prints a line on standard error. Never fails.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::say(format_args!($($text)*)) };
}

/// Prints a line on standard output. Ends the process if that fails: with exit code 141 and without a word if the
/// reader has gone, else with an error and exit code 1.
macro_rules! result {
    ($($text:tt)*) => { $crate::output::result(format_args!($($text)*)) };
}

/// Whether this process prints nothing, because another one of the same run does.
static IS_SILENT: AtomicBool = AtomicBool::new(false);

/// From now on, prints nothing.
pub fn silence() {
    IS_SILENT.store(true, Ordering::Relaxed);
}

/// From now on, prints again.
pub fn speak() {
    IS_SILENT.store(false, Ordering::Relaxed);
}

/// See [`say!`].
pub fn say(text: Arguments<'_>) {
    if IS_SILENT.load(Ordering::Relaxed) {
        return;
    }
    // One write for the whole line, so that lines of several processes do not mix.
    let _ = io::stderr().write_all(format!("{}\n", printable(&text.to_string())).as_bytes());
}

/// See [`result!`].
pub fn result(text: Arguments<'_>) {
    let line = format!("{}\n", printable(&text.to_string()));
    let mut stdout = io::stdout().lock();
    or_end(stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()));
}

/// Prints a help text, a version or a wrong call, and returns clap's exit code.
pub fn parse_failure(error: &clap::Error) -> u8 {
    let printed = error.print();
    if !error.use_stderr() {
        or_end(printed);
    }
    error.exit_code() as u8
}

/// Ends the process if a write to standard output has failed.
fn or_end(written: io::Result<()>) {
    let Err(error) = written else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        process::exit(CLOSED_PIPE.into());
    }
    say!("error: standard output: {error}");
    process::exit(1);
}

/// The text with control characters, but for line breaks and tabs, as `\u001b`. This is also how JSON writes them.
pub fn printable(text: &str) -> Cow<'_, str> {
    let obeyed = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if !text.contains(obeyed) {
        return text.into();
    }
    let escaped = |letter: char| if obeyed(letter) { format!("\\u{:04x}", letter as u32) } else { letter.to_string() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_control_characters() {
        assert_eq!(printable("a\u{1b}[2Jb\r\u{9b}c\u{7f}"), "a\\u001b[2Jb\\u000d\\u009bc\\u007f");
        assert!(matches!(printable("Käse\t1\n日本"), Cow::Borrowed("Käse\t1\n日本")));
    }
}
