//! A run folder belongs to one process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::running::Running;
use common::{TRAIN, Workplace};

const RESUME: &str = "train --device cpu --out run --resume --steps 1000000";

/// Runs the program, which must fail at once with this message.
#[track_caller]
fn is_refused(workplace: &Workplace, line: &str, code: i32, parts: &[&str]) {
    let output = workplace.command(line).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    assert!(!error.contains("data: ") && !error.contains("device: "), "nothing slow has begun: {error}");
}

#[test]
fn a_run_in_progress_is_in_use() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let mut running = Running::start(&workplace);
    let owner = format!("run: in use by process {} on ", running.child.id());
    is_refused(&workplace, RESUME, 1, &[&owner, "--out"]);
    is_refused(&workplace, &format!("{TRAIN} --data folder:pictures --out run"), 2, &["already exists"]);
    running.takes_steps(3);

    // A kill ends the lock and leaves its file, and a copy has the file too.
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert!(workplace.path("run/run.lock").is_file());
    workplace.run("train --device cpu --out run --resume --steps 2 --set report.log_every=0");
    assert!(!workplace.path("run/run.lock").exists());
}

#[test]
fn readers_need_no_lock() {
    let workplace = Workplace::with_run();
    let line = RESUME.replace("--steps", "--set report.log_every=1 --steps");
    let _running = Running::with(&workplace, workplace.command(&line));
    workplace.run("generate run --device cpu --grid grid.png --count 2");
    workplace.run("export run --out model.slgan");
}

#[test]
fn runs_that_begin_at_once_have_folders_of_their_own() {
    let workplace = Workplace::new();
    let sets = ["a/My pets", "b/My pets", "c/My pets"];
    sets.iter().for_each(|name| workplace.write_pictures(name));
    let start = |name: &str| {
        let mut command = workplace.command(&format!("{TRAIN} --quiet --steps 2"));
        command.args(["--data", &format!("folder:{name}")]).spawn().unwrap()
    };
    let children: Vec<_> = sets.iter().map(|name| start(name)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut data: Vec<String> = ["", "-2", "-3"]
        .iter()
        .map(|number| workplace.read(&format!("runs/my-pets-tiny-0{number}/config.toml")))
        .map(|config| String::from_utf8(config).unwrap().parse::<toml::Table>().unwrap()["data"].to_string())
        .collect();
    data.sort();
    assert_eq!(data, sets.map(|name| format!("\"folder:{name}\"")));
    assert_eq!(fs::read_dir(workplace.path("runs")).unwrap().count(), 3);
}

#[test]
fn the_same_new_folder_is_given_once() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let start = || workplace.command(&format!("{TRAIN} --data folder:pictures --quiet --steps 2 --out new")).spawn();
    let mut children = [start().unwrap(), start().unwrap(), start().unwrap()];
    let mut codes = children.each_mut().map(|child| child.wait().unwrap().code());
    codes.sort();
    assert_eq!(codes[0], Some(0));
    assert!(codes[1..].iter().all(|code| matches!(code, Some(1 | 2))), "{codes:?}");
    let events = String::from_utf8(workplace.read("new/events.jsonl")).unwrap();
    assert_eq!(events.matches(r#""event":"started""#).count(), 1, "{events}");
}

#[test]
fn a_refused_run_leaves_no_folder() {
    let workplace = Workplace::new();
    workplace.write("pictures/a/0.png", b"not a picture");
    workplace.refuses(&format!("{TRAIN} --data folder:pictures"), 1, &["0.png"]);
    workplace.refuses(&format!("{TRAIN} --data folder:nowhere --out deep/down/run"), 2, &["nowhere"]);
}
