//! Nothing that is printed ends a run, and every other command ends quietly when its reader goes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeWriter};
use std::process::{Command, Stdio};

use common::{TRAIN, Workplace};

/// The end of a pipe that nobody reads.
fn closed() -> PipeWriter {
    io::pipe().unwrap().1
}

fn trains(steps: u64) -> String {
    format!("{TRAIN} --data folder:pictures --out run --steps {steps} --set report.log_every=1")
}

#[track_caller]
fn succeeds(workplace: &Workplace, command: &mut Command, steps: u64) {
    assert_eq!(command.status().unwrap().code(), Some(0));
    assert!(workplace.path(&format!("run/checkpoints/step-{steps:08}/state.json")).is_file());
    assert!(workplace.path("run/report.html").is_file());
}

#[test]
fn a_command_without_a_reader_ends_quietly() {
    let workplace = Workplace::with_run();
    for line in [
        "data list",
        "data list --json",
        "data inspect folder:pictures",
        "data inspect folder:pictures --json",
        "devices",
        "devices --json",
        "generate run --device cpu --grid grid.png",
        "label run --device cpu --data folder:pictures --out labels.csv",
        "export run --out model.slgan",
        "--help",
        "train --help",
        "--version",
    ] {
        let output = workplace.command(line).stdout(closed()).stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(141), "{line}\n{error}");
        assert!(error.lines().all(|line| line.starts_with("data: ")), "{line}\n{error}");
    }
    assert!(["grid.png", "labels.csv", "model.slgan"].iter().all(|file| workplace.path(file).is_file()));
}

#[test]
fn an_error_without_a_reader_keeps_its_code() {
    let workplace = Workplace::with_run();
    for (line, code) in [("generate nowhere --grid g.png", 2), ("generate", 2), ("generate run --images pictures", 1)] {
        let status = workplace.command(line).stdout(closed()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{line}");
    }
}

#[test]
fn a_run_without_a_reader_is_finished() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    succeeds(&workplace, workplace.command(&trains(3)).stdout(closed()).stderr(closed()), 3);
}

#[test]
fn a_run_whose_reader_goes_is_finished() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let mut child = workplace.command(&trains(40)).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.starts_with("step 1/40")), "steps are shown");
    assert!(child.wait().unwrap().success());
    assert!(workplace.path("run/checkpoints/step-00000040/state.json").is_file());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_of_results_but_not_of_a_run() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let output = workplace.command("data list").stdout(full()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.starts_with("error: standard output: No space left"), "{error}");
    succeeds(&workplace, workplace.command(&trains(3)).stdout(full()).stderr(full()), 3);
}

#[test]
fn names_do_not_command_a_terminal() {
    let workplace = Workplace::new();
    let output = workplace.command("data inspect folder:a\u{1b}[2Jb").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && error.contains("2Jb") && !error.contains('\u{1b}'), "{error}");
}
