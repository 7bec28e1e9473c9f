//! The program can read and continue runs of older versions, which use older names.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use common::Workplace;
use common::runs::{Run, succeeds};

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

/// Removes the only line with a text from a file.
fn remove_line(path: &Path, part: &str) {
    let text = fs::read_to_string(path).unwrap();
    let (found, kept): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains(part));
    assert_eq!(found.len(), 1, "{part} in {}", path.display());
    fs::write(path, kept.join("\n")).unwrap();
}

/// Without a key, a run goes on with what older versions did, according to its configuration and its checkpoints.
#[track_caller]
fn runs_without_a_key_go_on(section: &str, key: &str, older: &str, newer: &str) {
    let workplace = Workplace::new();
    let (whole, old) = (Run::new(&workplace, "cpu", "whole"), Run::new(&workplace, "cpu", "old"));
    let setting = format!("--set {section}.{key}={older}");
    whole.train(4, &setting);
    old.train(2, &setting);
    let header = old.folder().join("checkpoints/step-00000002/state.json");
    unseal(&header);
    remove_line(&header, &format!("\"{key}\":"));
    remove_line(&old.folder().join("config.toml"), &format!("{key} ="));

    let refused = old.command(4, &format!("--resume --set {section}.{key}={newer}")).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains(&format!("{section}.{key}")), "{said}");
    succeeds(&mut old.command(4, "--resume"));
    assert!(whole.checkpoint(4) == old.checkpoint(4), "the checkpoints differ");
}

#[test]
fn runs_without_an_enlargement_go_on_with_squares() {
    runs_without_a_key_go_on("generator", "enlargement", "nearest", "bilinear");
}

#[test]
fn runs_without_a_kernel_go_on_with_odd_ones() {
    runs_without_a_key_go_on("discriminator", "kernel", "3", "4");
}

/// The enlargement decides the pictures, and a run that names one keeps it.
#[test]
fn runs_keep_the_enlargement_that_they_name() {
    let workplace = Workplace::new();
    let [squares, smooth, halves] = ["squares", "smooth", "halves"].map(|name| Run::new(&workplace, "cpu", name));
    squares.train(4, "--set generator.enlargement=nearest");
    smooth.train(4, "--set generator.enlargement=bilinear");
    halves.train(2, "--set generator.enlargement=bilinear");
    succeeds(&mut halves.command(4, "--resume"));
    assert!(smooth.checkpoint(4) == halves.checkpoint(4), "the checkpoints differ");
    assert!(smooth.checkpoint(4)[0] != squares.checkpoint(4)[0], "the enlargement makes no difference");
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
