//! A run records which kernels computed it, and says so if it goes on with others.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use serde_json::Value;

use common::Workplace;
use common::runs::Run;

const KIND: &str = "other-device-class";

/// Goes on to a step, and returns what the program says on standard error.
#[track_caller]
fn resumed(run: &Run, steps: u64, arguments: &str) -> String {
    let output = run.command(steps, &format!("--resume {arguments}")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

fn class_of_checkpoint(workplace: &Workplace, step: u64) -> Value {
    workplace.json(&format!("run/checkpoints/step-{step:08}/state.json"))["device_class"].clone()
}

#[test]
fn a_run_says_that_it_goes_on_with_other_kernels() {
    let workplace = Workplace::new();
    let run = Run::new(&workplace, "cpu", "run");
    run.train(1, "--set device_class=discrete");
    let said = resumed(&run, 2, "");
    assert!(!said.contains(KIND), "{said}");
    let said = resumed(&run, 3, "--set device_class=auto");
    for part in [KIND, "discrete devices", "software devices", "device_class"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let classes = [1, 2, 3].map(|step| class_of_checkpoint(&workplace, step));
    assert_eq!(classes, ["discrete", "discrete", "software"]);

    let events = String::from_utf8(workplace.read("run/events.jsonl")).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let started = events.iter().filter(|event| event["event"] == "started");
    assert_eq!(started.map(|event| &event["device_class"]).collect::<Vec<_>>(), ["discrete", "discrete", "software"]);
    let warnings: Vec<&Value> = events.iter().filter(|event| event["event"] == "warning").collect();
    assert!(warnings.len() == 1 && warnings[0]["kind"] == KIND && warnings[0]["step"] == 2, "{warnings:?}");
    let report = String::from_utf8(workplace.read("run/report.html")).unwrap();
    assert!(report.contains("kernels for software devices") && report.contains(KIND));
}

#[test]
fn runs_without_a_class_were_made_with_the_kernels_for_software() {
    let workplace = Workplace::new();
    let run = Run::new(&workplace, "cpu", "run");
    run.train(1, "");
    let name = "run/checkpoints/step-00000001/state.json";
    let mut header = workplace.json(name);
    header.as_object_mut().unwrap().remove("device_class").unwrap();
    header["config"].as_object_mut().unwrap().remove("device_class").unwrap();
    workplace.write_sealed(name, header);
    let file = String::from_utf8(workplace.read("run/config.toml")).unwrap();
    let kept: Vec<&str> = file.lines().filter(|line| !line.starts_with("device_class")).collect();
    assert_eq!(kept.len() + 1, file.lines().count());
    workplace.write("run/config.toml", kept.join("\n").as_bytes());
    let said = resumed(&run, 2, "");
    assert!(!said.contains(KIND), "{said}");
    assert_eq!(class_of_checkpoint(&workplace, 2), "software");
}
