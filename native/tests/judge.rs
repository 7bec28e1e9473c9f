//! The judge only watches: whatever is wrong with it, the run is made.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::process::Command;

use common::{TRAIN, Workplace};
use serde_json::Value;

/// An evaluation of small images.
const JUDGED: &str =
    "--judge --set report.evaluate_every=2 --steps 2 --out run --set images.size=28 --set images.channels=1";

/// A workplace with pictures that all have labels, and that hold as many out as a judge needs.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    for split in ["train", "test"] {
        workplace.write_pictures(&format!("pictures/{split}"));
        fs::remove_dir_all(workplace.path(&format!("pictures/{split}/unlabeled"))).unwrap();
    }
    workplace
}

/// Runs a command, and returns its standard error and the judge's figure.
#[track_caller]
fn judged(workplace: &Workplace, command: &mut Command) -> (String, Value) {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let events = String::from_utf8(workplace.read("run/events.jsonl")).unwrap();
    let mut events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let evaluated = events.find(|event| event["event"] == "evaluated").unwrap();
    (said, evaluated["frechet_judge"].clone())
}

#[test]
fn a_judge_needs_no_home() {
    let workplace = workplace();
    let mut command = workplace.command(&format!("{TRAIN} --data folder:pictures {JUDGED} --best frechet_judge"));
    for variable in ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"] {
        command.env_remove(variable);
    }
    let (said, figure) = judged(&workplace, &mut command);
    assert!(said.contains("warning: ") && said.contains("XDG_CACHE_HOME") && said.contains("HOME"), "{said}");
    assert!(figure.is_f64(), "{figure}");
    assert_eq!(workplace.json("run/best.json")["metric"], "frechet_judge");
}

#[test]
fn a_judge_needs_no_cache() {
    let workplace = workplace();
    workplace.write("file", b"");
    let mut command = workplace.command(&format!("{TRAIN} --data folder:pictures {JUDGED}"));
    let (said, figure) = judged(&workplace, command.env("XDG_CACHE_HOME", workplace.path("file/cache")));
    assert!(said.contains("warning: the judge's cache: ") && said.contains("file/cache/slgan: "), "{said}");
    assert!(figure.is_f64(), "{figure}");
}

#[test]
fn data_without_a_judge_are_trained_on() {
    for (split, name, reason) in [
        ("train", "unlabeled", "it needs a label for every image, and 8 have none"),
        ("test", "a", "it needs at least 2 held-out images, and the data have 1"),
    ] {
        let workplace = workplace();
        if name == "unlabeled" {
            workplace.write_pictures(&format!("pictures/{split}"));
        } else {
            fs::remove_dir_all(workplace.path("pictures/test/b")).unwrap();
            (1..8)
                .for_each(|number| fs::remove_file(workplace.path(&format!("pictures/test/a/{number}.png"))).unwrap());
        }
        let line = format!("{TRAIN} --data folder:pictures {JUDGED}");
        workplace.refuses(&format!("{line} --best frechet_judge"), 2, &["--best needs a judge", "can be none", reason]);
        let (said, figure) = judged(&workplace, &mut workplace.command(&line));
        assert!(said.contains(&format!("warning: no judge: {reason}")), "{said}");
        assert!(figure.is_null(), "{figure}");
    }
}

#[test]
fn what_the_best_checkpoint_needs_is_known_before_data_are_read() {
    let workplace = Workplace::new();
    let line = format!("{TRAIN} --data folder:nowhere --out run");
    workplace.refuses(&format!("{line} --best accuracy"), 2, &["--best needs evaluations", "evaluate_every"]);
    let line = format!("{line} --set report.evaluate_every=2");
    workplace.refuses(&format!("{line} --best frechet_judge"), 2, &["--best needs a judge: add --judge"]);
}

#[test]
fn a_metric_that_is_never_computed_is_refused() {
    let workplace = workplace();
    let line = format!("{TRAIN} --data folder:pictures --steps 2 --out run --set report.evaluate_every=2");
    workplace.refuses(&format!("{line} --labels none --best accuracy"), 2, &["--best needs manual labels", "nmi"]);
    fs::rename(workplace.path("pictures/train/a"), workplace.path("flat")).unwrap();
    workplace.refuses(
        &line.replace("folder:pictures", "folder:flat").replace("--out run", "--out run --best nmi"),
        2,
        &["--best needs held-out images with labels"],
    );
}
