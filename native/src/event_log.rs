//! The file `events.jsonl`, which only grows.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::regular_file;

/// Opens the events for appending. Of a last line without an end, it drops what a kill or a full disk has cut short, and
/// ends what is complete.
///
/// # Errors
/// If the file cannot be read or written.
pub fn open(path: &Path) -> Result<File> {
    let open = || {
        let text = match regular_file::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            text => text?,
        };
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        if is_complete(&text[whole..]) {
            file.write_all(b"\n")?;
        } else if whole < text.len() {
            file.set_len(whole as u64)?;
        }
        Ok::<File, io::Error>(file)
    };
    open().with_context(|| path.display().to_string())
}

/// Whether a line is an event.
fn is_complete(line: &[u8]) -> bool {
    serde_json::from_slice::<Map<String, Value>>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn opened(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, text).unwrap();
        open(&path).unwrap().write_all(b"{}\n").unwrap();
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn the_last_line_is_ended_or_dropped() {
        let (first, last) = ("{\"step\":1}\n", "{\"step\":20}");
        for cut in 0..last.len() {
            assert_eq!(opened(&format!("{first}{}", &last[..cut])), format!("{first}{{}}\n"), "cut at {cut}");
        }
        assert_eq!(opened(&format!("{first}{last}")), format!("{first}{last}\n{{}}\n"));
        assert_eq!(opened(first), format!("{first}{{}}\n"));
        assert_eq!(opened("\0\0\0"), "{}\n");
    }

    #[test]
    fn a_new_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        open(&path).unwrap();
        assert!(path.is_file());
        let error = open(&folder.path().join("absent/events.jsonl")).unwrap_err();
        assert!(format!("{error:#}").contains("absent/events.jsonl"), "{error:#}");
    }
}
