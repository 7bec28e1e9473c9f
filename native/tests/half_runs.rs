//! Run folders that kills, copies and people have left in half, and what goes on from them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use common::Workplace;
use serde_json::Value;

/// A run of 8 steps with a checkpoint after every second.
const RUN: &str = "train --device cpu --data folder:pictures --batch 4 --steps 8 --keep 0 --quiet \
                   --set report.checkpoint_every=2 --set report.sample_every=4 --set report.evaluate_every=0";

fn with_run() -> Workplace {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace.run(&format!("{RUN} --out run"));
    workplace
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn checkpoint(workplace: &Workplace, run: &str, step: u64) -> [Vec<u8>; 2] {
    ["state.safetensors", "state.json"].map(|name| workplace.read(&format!("{run}/checkpoints/step-{step:08}/{name}")))
}

#[test]
fn a_half_copied_run_goes_on_from_its_newest_whole_checkpoint() {
    let workplace = with_run();
    let whole = checkpoint(&workplace, "run", 8);
    let tensors = workplace.read("run/checkpoints/step-00000008/state.safetensors");
    workplace.write("run/checkpoints/step-00000008/state.safetensors", &tensors[..tensors.len() / 2]);
    fs::remove_file(workplace.path("run/checkpoints/step-00000006/state.json")).unwrap();
    workplace.write("run/checkpoints/step-00000004/state.json", b"");

    let resume = "train --device cpu --out run --resume --quiet";
    let way_on = "the newest whole checkpoint is that of step 2: use --checkpoint 2";
    workplace.refuses(resume, 1, &["step-00000008: state.safetensors: damaged", way_on]);
    workplace.refuses("export run --out model.slgan", 1, &["step-00000008", way_on]);
    workplace.refuses("export run --out model.slgan --checkpoint 6", 1, &["step-00000006/state.json", way_on]);
    workplace.refuses("export run --out model.slgan --checkpoint 3", 2, &["available: [2, 4, 6, 8]"]);
    workplace.run("export run --out model.slgan --checkpoint 2");
    workplace.run(&format!("{resume} --checkpoint 2"));

    assert!(checkpoint(&workplace, "run", 8) == whole, "the checkpoints differ");
    let steps = [2, 4, 6, 8].map(|step| format!("step-{step:08}"));
    let damaged = [4, 6, 8].map(|step| format!("damaged-step-{step:08}-1"));
    assert_eq!(names(&workplace.path("run/checkpoints")), [&damaged[..], &steps].concat(), "nothing is deleted");
    for step in [2, 4, 6, 8] {
        workplace.run(&format!("generate run --device cpu --grid grid.png --checkpoint {step}"));
    }
}

#[test]
fn a_run_goes_on_from_an_earlier_checkpoint_that_is_asked_for() {
    let workplace = with_run();
    let whole = checkpoint(&workplace, "run", 8);
    fs::remove_dir_all(workplace.path("run/checkpoints/step-00000008")).unwrap();
    workplace.run("train --device cpu --out run --resume --checkpoint 4 --quiet");
    assert!(checkpoint(&workplace, "run", 8) == whole, "the checkpoints differ");
    assert_eq!(names(&workplace.path("run/checkpoints")), [2, 4, 6, 8].map(|step| format!("step-{step:08}")));
}

#[test]
fn a_run_without_its_empty_folders_and_with_leftovers_goes_on() {
    let workplace = with_run();
    let whole = checkpoint(&workplace, "run", 8);
    fs::remove_dir_all(workplace.path("run/samples")).unwrap();
    fs::remove_dir_all(workplace.path("run/checkpoints/step-00000008")).unwrap();
    let left = [".aB3dE6.partial", "checkpoints/.step-00000009.partial/state.json", "checkpoints/.x9Y8z7.partial"];
    let kept = [".mine.partial", ".gitignore", "checkpoints/.notes.partial"];
    for name in left.iter().chain(&kept) {
        workplace.write(&format!("run/{name}"), b"half");
    }
    let events = workplace.read("run/events.jsonl");
    workplace.write("run/events.jsonl", &events[..events.len() - 5]);
    workplace.run("train --device cpu --out run --resume --quiet");
    assert!(checkpoint(&workplace, "run", 8) == whole, "the checkpoints differ");
    assert!(kept.iter().all(|name| workplace.path(&format!("run/{name}")).exists()));
    assert!(left.iter().all(|name| !workplace.path(&format!("run/{name}")).exists()));
    assert!(!workplace.path("run/checkpoints/.step-00000009.partial").exists());
    assert!(workplace.path("run/samples/step-00000008.png").is_file());
}

/// A limit on the size of files makes a write fail half-way, as on a full disk.
#[test]
#[cfg(unix)]
fn a_full_disk_is_named_and_leaves_a_run_that_goes_on() {
    let workplace = with_run();
    let whole = checkpoint(&workplace, "run", 8);
    fs::remove_dir_all(workplace.path("run/checkpoints/step-00000008")).unwrap();
    let script = "trap '' XFSZ; ulimit -f 400; exec \"$0\" train --device cpu --out run --resume --quiet";
    let mut limited = Command::new("sh");
    let output = workplace.settle(limited.args(["-c", script, env!("CARGO_BIN_EXE_slgan")])).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("run/checkpoints/step-00000008/state.safetensors: File too large"), "{error}");
    assert_eq!(names(&workplace.path("run/checkpoints")), [2, 4, 6].map(|step| format!("step-{step:08}")));
    workplace.run("train --device cpu --out run --resume --quiet");
    assert!(checkpoint(&workplace, "run", 8) == whole, "the checkpoints differ");
}

#[test]
fn a_report_can_be_made_again() {
    let workplace = with_run();
    let first = workplace.read("run/report.html");
    fs::remove_file(workplace.path("run/report.html")).unwrap();
    assert!(workplace.run("report run").0.contains("report.html"));
    assert!(workplace.read("run/report.html") == first, "the reports differ");

    fs::remove_file(workplace.path("run/samples/step-00000004.png")).unwrap();
    workplace.run("report run --out other.html");
    let other = String::from_utf8(workplace.read("other.html")).unwrap();
    assert!(other.contains("<code>samples/step-00000004.png</code> is missing"), "the gap is named");
    assert!(workplace.read("run/report.html") == first, "only the named file is written");
    workplace.refuses("report nowhere", 2, &["nowhere: no such run folder"]);
    workplace.refuses("report pictures", 1, &["pictures/events.jsonl"]);
}

/// A run that chooses the best checkpoint.
const CHOOSES: &str = "train --device cpu --batch 8 --steps 8 --keep 0 --quiet --best nmi --seed 1 \
                       --set report.checkpoint_every=2 --set report.sample_every=0 --set report.evaluate_every=1";

/// A copy of `whole` as a kill leaves it between the checkpoint of a step and the choice of the best: the events end with
/// the evaluation of this step.
fn kill_at(workplace: &Workplace, step: u64, name: &str) {
    workplace.write(&format!("{name}/config.toml"), &workplace.read("whole/config.toml"));
    for earlier in (2..=step).step_by(2) {
        for file in ["state.safetensors", "state.json"] {
            let path = format!("checkpoints/step-{earlier:08}/{file}");
            workplace.write(&format!("{name}/{path}"), &workplace.read(&format!("whole/{path}")));
        }
    }
    let events = String::from_utf8(workplace.read("whole/events.jsonl")).unwrap();
    let is_last = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["event"] == "evaluated" && event["step"] == step
    };
    let lines: Vec<&str> = events.split_inclusive('\n').collect();
    let end = lines.iter().position(|line| is_last(line)).unwrap();
    workplace.write(&format!("{name}/events.jsonl"), lines[..=end].concat().as_bytes());
}

#[test]
fn an_interrupted_run_chooses_the_same_best_checkpoint() {
    let workplace = Workplace::new();
    workplace.run(&format!("{CHOOSES} --out whole"));
    let best = workplace.read("whole/best.json");
    let chosen = workplace.json("whole/best.json");
    assert!(chosen["step"].as_u64().unwrap().is_multiple_of(2), "only checkpoints that are due are compared");
    for step in [2, 4, 6] {
        let name = format!("killed-{step}");
        kill_at(&workplace, step, &name);
        if step == 6 {
            workplace.write(&format!("{name}/best.json"), b"{\"metric\": \"nm");
        }
        // The metric need not be given again.
        workplace.run(&format!("train --device cpu --out {name} --resume --keep 1 --quiet"));
        assert_eq!(workplace.read(&format!("{name}/best.json")), best, "killed at step {step}");
        workplace.run(&format!("export {name} --out best.slgan --checkpoint best"));
    }
}

#[test]
fn a_run_that_was_killed_after_its_last_checkpoint_is_completed() {
    let workplace = Workplace::new();
    workplace.run(&format!("{CHOOSES} --out whole"));
    kill_at(&workplace, 8, "killed");
    workplace.run("train --device cpu --out killed --resume --quiet");
    assert_eq!(workplace.read("killed/best.json"), workplace.read("whole/best.json"));
    assert!(!String::from_utf8(workplace.read("killed/report.html")).unwrap().contains("not reached its last step"));
    let events = workplace.read("killed/events.jsonl");
    let last = events.trim_ascii_end().rsplit(|&byte| byte == b'\n').next().unwrap();
    assert!(last.starts_with(b"{\"event\":\"finished\",\"step\":8,\"seal\":\""));
    workplace.run("train --device cpu --out killed --resume --quiet");
    assert!(workplace.read("killed/events.jsonl") == events, "a finished run is only finished once");
}

#[test]
fn a_best_checkpoint_that_is_gone_is_chosen_again() {
    let workplace = Workplace::new();
    workplace.run(&format!("{CHOOSES} --out whole"));
    let best = workplace.json("whole/best.json")["step"].as_u64().unwrap();
    fs::remove_dir_all(workplace.path(&format!("whole/checkpoints/step-{best:08}"))).unwrap();
    workplace.refuses("export whole --out a.slgan --checkpoint best", 1, &["best.json names", &best.to_string()]);
    workplace.run("train --device cpu --out whole --resume --steps 10 --quiet");
    let again = workplace.json("whole/best.json")["step"].as_u64().unwrap();
    assert_eq!(again == best, best == 8, "a step that is not repeated has no checkpoint any more");
    workplace.run("export whole --out a.slgan --checkpoint best");
}
