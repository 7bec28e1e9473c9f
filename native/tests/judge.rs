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

/// Runs a command, and returns its standard error and the evaluation.
#[track_caller]
fn judged(workplace: &Workplace, command: &mut Command) -> (String, Value) {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let events = String::from_utf8(workplace.read("run/events.jsonl")).unwrap();
    let mut events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let evaluated = events.find(|event| event["event"] == "evaluated").unwrap();
    (said, evaluated)
}

/// What only a judge measures.
const FIGURES: [&str; 5] = ["frechet_judge", "generated_agreement", "class_frechet", "class_coverage", "class_recall"];

/// Checks that an evaluation has a judge's figures of two labels, which are two classes.
#[track_caller]
fn has_figures(evaluated: &Value) {
    assert!(FIGURES.iter().all(|figure| evaluated[figure].is_f64()), "{evaluated}");
    let is_share = |value: &Value| value.is_null() || value.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share));
    let generated = &evaluated["generated"];
    let [rows, classes] = ["rows", "classes"].map(|list| generated[list].as_array().unwrap());
    assert!(rows.len() == 2 && rows.iter().all(is_share), "{generated}");
    assert_eq!(classes.len(), 2, "{generated}");
    for class in classes {
        assert!(class["frechet"].as_f64().is_none_or(|distance| distance >= 0.0), "{generated}");
        assert!(is_share(&class["coverage"]) && is_share(&class["recall"]), "{generated}");
    }
    let mean = |figure: &str| {
        let values: Vec<f64> = classes.iter().filter_map(|class| class[figure].as_f64()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    for figure in ["frechet", "coverage", "recall"] {
        let difference = evaluated[format!("class_{figure}")].as_f64().unwrap() - mean(figure);
        assert!(difference.abs() < 1e-9, "{figure} of {evaluated}");
    }
}

#[test]
fn a_judge_needs_no_home() {
    let workplace = workplace();
    let mut command = workplace.command(&format!("{TRAIN} --data folder:pictures {JUDGED} --best frechet_judge"));
    for variable in ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"] {
        command.env_remove(variable);
    }
    let (said, evaluated) = judged(&workplace, &mut command);
    assert!(said.contains("warning: ") && said.contains("XDG_CACHE_HOME") && said.contains("HOME"), "{said}");
    assert!(said.contains(", generated agreement ") && said.contains(" % (worst row "), "{said}");
    has_figures(&evaluated);
    let report = String::from_utf8(workplace.read("run/report.html")).unwrap();
    for part in ["Row agreement", "; in the worst row ", "<h3>Generated pictures</h3>", "pictures, by class</h2>"] {
        assert!(report.contains(part), "{part}");
    }
    assert_eq!(workplace.json("run/best.json")["metric"], "frechet_judge");
}

#[test]
fn a_judge_needs_no_cache() {
    let workplace = workplace();
    workplace.write("file", b"");
    let mut command = workplace.command(&format!("{TRAIN} --data folder:pictures {JUDGED} --best generated_agreement"));
    let (said, evaluated) = judged(&workplace, command.env("XDG_CACHE_HOME", workplace.path("file/cache")));
    assert!(said.contains("warning: the judge's cache: ") && said.contains("file/cache/slgan: "), "{said}");
    has_figures(&evaluated);
    let best = workplace.json("run/best.json");
    assert_eq!((&best["metric"], &best["value"]), (&"generated_agreement".into(), &evaluated["generated_agreement"]));
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
        let (said, evaluated) = judged(&workplace, &mut workplace.command(&line));
        assert!(said.contains(&format!("warning: no judge: {reason}")), "{said}");
        assert!(FIGURES.iter().chain(&["generated"]).all(|figure| evaluated[figure].is_null()), "{evaluated}");
        assert!(!said.contains("generated agreement"), "{said}");
    }
}

#[test]
fn what_the_best_checkpoint_needs_is_known_before_data_are_read() {
    let workplace = Workplace::new();
    let line = format!("{TRAIN} --data folder:nowhere --out run");
    workplace.refuses(&format!("{line} --best accuracy"), 2, &["--best needs evaluations", "evaluate_every"]);
    let line = format!("{line} --set report.evaluate_every=2");
    for metric in FIGURES {
        workplace.refuses(&format!("{line} --best {metric}"), 2, &["--best needs a judge: add --judge"]);
    }
}

#[test]
fn a_metric_that_is_never_computed_is_refused() {
    let workplace = workplace();
    let line = format!("{TRAIN} --data folder:pictures --steps 2 --out run --set report.evaluate_every=2");
    workplace.refuses(&format!("{line} --labels none --best accuracy"), 2, &["--best needs manual labels", "nmi"]);
    for metric in ["generated_agreement", "class_frechet", "class_coverage", "class_recall"] {
        let line = format!("{line} --judge --labels none --best {metric}");
        workplace.refuses(&line, 2, &["--best needs manual labels", "frechet_judge", "--labels"]);
    }
    for class in ["a", "b"] {
        let held_out = |number| workplace.path(&format!("pictures/test/{class}/{number}.png"));
        (5..8).for_each(|number| fs::remove_file(held_out(number)).unwrap());
    }
    let few = ["--best needs a class with at least 6 held-out images", "the largest has 5"];
    workplace.refuses(&format!("{line} --judge --best class_recall"), 2, &few);
    fs::rename(workplace.path("pictures/train/a"), workplace.path("flat")).unwrap();
    workplace.refuses(
        &line.replace("folder:pictures", "folder:flat").replace("--out run", "--out run --best nmi"),
        2,
        &["--best needs held-out images with labels"],
    );
}
