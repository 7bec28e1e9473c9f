//! The file `events.jsonl`, which only grows. Each line has a seal, so that damage is found.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use slgan::train::chain::Chain;

use crate::regular_file;

/// The events of a run, open for appending.
pub struct EventLog {
    path: PathBuf,
    file: File,
    chain: Chain,
}

impl EventLog {
    /// Opens the events. Of a last line without an end, it drops what a kill or a full disk has cut short, and ends what
    /// is complete. It does not look for damage; see [`read`].
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let open = || {
            let bytes = match regular_file::read(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
                bytes => bytes?,
            };
            let mut chain = Chain::default();
            for (_, line) in lines(&bytes) {
                let _ = chain.check(line);
            }
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            let whole = bytes.len() - cut_short(&bytes).len();
            if whole < bytes.len() {
                file.set_len(whole as u64)?;
            } else if bytes.last().is_some_and(|&last| last != b'\n') {
                file.write_all(b"\n")?;
            }
            Ok::<Self, io::Error>(Self { path: path.to_owned(), file, chain })
        };
        open().with_context(|| path.display().to_string())
    }

    /// Adds an event: a JSON object with at least one field, without its last brace.
    ///
    /// # Errors
    /// If the file cannot be written. No further event may follow, because the line may be there in part.
    pub fn append(&mut self, event: &str) -> Result<()> {
        let line = self.chain.close(event) + "\n";
        self.file.write_all(line.as_bytes()).with_context(|| self.path.display().to_string())
    }

    /// Makes all events so far survive a power failure.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn sync(&self) -> Result<()> {
        self.file.sync_data().with_context(|| self.path.display().to_string())
    }
}

/// The lines of a log with their numbers: each its text, or what is wrong with it. Leaves out empty lines, and a last
/// one that was cut short.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<(usize, Result<String, String>)>> {
    let bytes = regular_file::read(path)?;
    let mut chain = Chain::default();
    Ok(lines(&bytes).map(|(number, line)| (number, text(line, &mut chain))).collect())
}

/// The text of a line, if it is an event as it was written.
fn text(line: &[u8], chain: &mut Chain) -> Result<String, String> {
    let fits = chain.check(line);
    serde_json::from_slice::<Map<String, Value>>(line).map_err(|error| error.to_string())?;
    fits.map_err(|broken| broken.to_string())?;
    String::from_utf8(line.to_vec()).map_err(|error| error.to_string())
}

/// The lines that are not empty, without their ends, and their numbers.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let whole = &bytes[..bytes.len() - cut_short(bytes).len()];
    let lines = whole.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
    lines.filter(|(_, line)| !line.is_empty()).map(|(index, line)| (index + 1, line))
}

/// What follows the last whole line: the beginning of an event, or the zeros that a power failure may leave instead.
fn cut_short(bytes: &[u8]) -> &[u8] {
    let begin = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let last = &bytes[begin..];
    let event = serde_json::from_slice::<Map<String, Value>>(last);
    let is_cut = last.ends_with(&[0]) || event.is_err_and(|error| error.is_eof());
    if is_cut { last } else { &[] }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A log with a text, to which an event was added, and the numbers of its damaged lines.
    fn opened(text: &str) -> (String, Vec<usize>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, text).unwrap();
        EventLog::open(&path).unwrap().append("{\"new\":1").unwrap();
        (fs::read_to_string(&path).unwrap(), damaged(&path))
    }

    fn damaged(path: &Path) -> Vec<usize> {
        let lines = read(path).unwrap().into_iter();
        lines.filter_map(|(number, text)| text.is_err().then_some(number)).collect()
    }

    /// Two lines with seals.
    fn sealed() -> [String; 2] {
        let mut chain = Chain::default();
        ["{\"step\":1", "{\"step\":2,\"text\":\"\u{fc}\""].map(|event| chain.close(event) + "\n")
    }

    #[test]
    fn the_last_line_is_ended_or_dropped() {
        let [first, last] = sealed();
        for [first, last] in [[&first, &last], [&"{\"step\":1}\n".to_owned(), &"{\"step\":20}\n".to_owned()]] {
            let line = last.trim_end();
            for cut in (0..line.len()).filter(|cut| line.is_char_boundary(*cut)) {
                for zeros in ["", "\0\0\0"] {
                    let (text, damaged) = opened(&format!("{first}{}{zeros}", &line[..cut]));
                    let rest = text.strip_prefix(first).unwrap();
                    assert!(rest.starts_with("{\"new\":1,\"seal\":"), "cut at {cut}: {rest}");
                    assert_eq!((rest.lines().count(), damaged), (1, vec![]), "cut at {cut}");
                }
            }
            for whole in [last.as_str(), line] {
                let (text, damaged) = opened(&format!("{first}{whole}"));
                assert!(text.starts_with(&format!("{first}{last}{{\"new\":1,")), "{text}");
                assert!(damaged.is_empty(), "{text}");
            }
        }
        assert!(opened("\0\0\0").0.starts_with("{\"new\":1,"));
    }

    #[test]
    fn damage_is_found_and_nothing_is_dropped_for_it() {
        let [first, last] = sealed();
        let long = last.trim_end();
        for (text, expected) in [
            (format!("{}{last}", first.replace(":1", ":7")), vec![1]),
            (format!("{first}{}", last.replace(":2", ":3")), vec![2]),
            (format!("{last}{first}"), vec![1, 2]),
            (last.clone(), vec![1]),
            (format!("{first}{{\"step\":2}}\n"), vec![2]),
            (format!("{first}{long}\u{b}"), vec![2]),
            (format!("{}\u{b}{last}", first.trim_end()), vec![1]),
            (format!("{first}no event\n"), vec![2]),
            (format!("{first}[1]"), vec![2]),
        ] {
            let (after, damaged) = opened(&text);
            assert!(after.starts_with(&text), "{text}");
            assert_eq!(damaged.first(), expected.first(), "{text}");
            assert!(expected.iter().all(|line| damaged.contains(line)), "{text}: {damaged:?}");
        }
    }

    #[test]
    fn other_ends_of_lines_and_empty_lines_are_no_damage() {
        let text = sealed().concat().replace('\n', "\r\n\r\n");
        assert!(opened(&text).1.is_empty());
    }

    #[test]
    fn a_new_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        EventLog::open(&path).unwrap();
        assert!(path.is_file());
        let error = EventLog::open(&folder.path().join("absent/events.jsonl")).err().unwrap();
        assert!(format!("{error:#}").contains("absent/events.jsonl"), "{error:#}");
    }
}
