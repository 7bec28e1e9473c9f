//! The program can read and continue runs of older versions, which use older names.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use common::Workplace;
use common::runs::Run;

/// Replaces the only occurrence of a text in a file.
fn replace(path: &Path, new: &str, old: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches(new).count(), 1, "{new} in {}", path.display());
    fs::write(path, text.replace(new, old)).unwrap();
}

/// Makes a checkpoint's header one of format 1, which has no seal.
fn unseal(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let (rest, _) = text.split_once(",\n  \"seal\":").unwrap();
    fs::write(path, format!("{rest}\n}}").replace("\"format\": 2", "\"format\": 1")).unwrap();
}

#[test]
fn keys_with_old_names_are_read_with_a_note() {
    let workplace = Workplace::new();
    let (whole, old) = (Run::new(&workplace, "cpu", "whole"), Run::new(&workplace, "cpu", "old"));
    whole.train(4, "");
    old.train(2, "");
    let header = old.folder().join("checkpoints/step-00000002/state.json");
    unseal(&header);
    replace(&header, "\"pseudo_label\":", "\"labels\":");
    replace(&header, "\"label_count\":", "\"labels\":");
    replace(&old.folder().join("config.toml"), "pseudo_label =", "labels =");

    let output = old.command(4, "--resume").output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{notes}");
    assert!(notes.contains("note: ") && notes.contains("`gate.labels` is now called `gate.pseudo_label`"), "{notes}");
    assert!(whole.checkpoint(4) == old.checkpoint(4), "the checkpoints differ");
}
