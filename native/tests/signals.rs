//! Signals that ask a run to stop let it save its state; ignored ones do nothing.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::running::{ENDLESS, Running, signal};
use common::{TRAIN, Workplace};

fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace
}

/// The step of the only checkpoint.
fn saved_step(workplace: &Workplace) -> u64 {
    let entries = fs::read_dir(workplace.path("run/checkpoints")).unwrap();
    let names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let [name] = &names[..] else { panic!("{names:?}") };
    name.strip_prefix("step-").unwrap().parse().unwrap()
}

/// Starts an endless run that ignores a signal.
fn ignoring(workplace: &Workplace, name: &str) -> Running {
    let line = format!("{TRAIN} --data folder:pictures --out run {ENDLESS}");
    let script = format!("trap '' {name}; exec \"$0\" {line}");
    let mut command = Command::new("sh");
    workplace.settle(&mut command).args(["-c", &script, env!("CARGO_BIN_EXE_slgan")]);
    Running::with(workplace, command)
}

#[test]
fn a_signal_saves_and_stops() {
    for (name, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let workplace = workplace();
        let running = Running::start(&workplace);
        running.signal(name);
        assert_eq!(running.code(), Some(code), "{name}");
        assert!(!workplace.path("run/run.lock").exists() && workplace.path("run/report.html").is_file());
        let steps = saved_step(&workplace) + 2;
        workplace.run(&format!("train --out run --resume --steps {steps}"));
    }
}

#[test]
fn a_signal_that_comes_again_does_not_cut_the_save_short() {
    let workplace = workplace();
    let running = Running::start(&workplace);
    // A terminal that closes sends SIGHUP twice; `timeout` sends its signal to the process and to its group.
    ["HUP", "HUP", "TERM", "TERM"].iter().for_each(|name| running.signal(name));
    let code = running.code();
    assert!(matches!(code, Some(129 | 143)), "{code:?}");
    saved_step(&workplace);
}

#[test]
fn what_the_caller_ignores_stays_ignored() {
    for name in ["HUP", "INT"] {
        let workplace = workplace();
        let mut running = ignoring(&workplace, name);
        running.signal(name);
        running.takes_steps(5);
        running.signal("TERM");
        assert_eq!(running.code(), Some(143), "{name}");
        assert!(saved_step(&workplace) > 5);
    }
}

#[test]
fn a_stop_before_training_leaves_nothing() {
    let workplace = Workplace::new();
    for split in ["train", "test"] {
        workplace.write_pictures(&format!("pictures/{split}"));
        fs::remove_dir_all(workplace.path(&format!("pictures/{split}/unlabeled"))).unwrap();
    }
    let line = format!("{TRAIN} --data folder:pictures --judge --out runs/run --steps 2");
    let mut child = workplace.command(&line).stderr(Stdio::piped()).spawn().unwrap();
    // The judge takes far longer than it takes to send a signal.
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let told: Vec<String> =
        stderr.lines().map(Result::unwrap).take_while(|line| !line.contains("training the judge")).collect();
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143), "{told:?}");
    assert!(!workplace.path("runs").exists());
}
