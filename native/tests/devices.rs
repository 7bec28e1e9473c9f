//! `slgan devices`: what kernels ask of an adapter, and whether a device computes right.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;

use serde_json::Value;

use common::Workplace;

#[test]
fn kernels_are_examined_without_an_adapter() {
    let (text, _) = Workplace::new().run("devices --shaders --json");
    let report: Value = serde_json::from_str(&text).unwrap();
    let kernels = report["kernels"].as_object().unwrap();
    assert!(kernels.len() > 25, "{report}");
    for (name, kernel) in kernels {
        assert!(
            kernel["variants"].as_u64() > Some(0) && kernel["failures"] == serde_json::json!([]),
            "{name}: {kernel}"
        );
    }
}

#[test]
fn a_device_is_checked() {
    let workplace = Workplace::new();
    let (text, notes) = workplace.run("devices --check --device cpu");
    assert!(notes.contains("checking every operation on CPU"), "{notes}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.starts_with(&format!("slgan {version} on CPU (")), "{text}");
    let last = text.lines().last().unwrap();
    let (right, rest) = last.split_once(" of ").unwrap();
    assert_eq!(rest, format!("{right} results are right"), "{text}");
    assert!(right.parse::<usize>().unwrap() > 2_000 && !text.contains("wrong"), "{text}");

    let report: Value = serde_json::from_str(&workplace.run("devices --check --device cpu --json").0).unwrap();
    let keys = report.as_object().unwrap().keys();
    let expected: BTreeSet<&str> = "version device results right operations failures".split(' ').collect();
    assert_eq!(keys.map(String::as_str).collect::<BTreeSet<_>>(), expected);
    assert_eq!((&report["version"], &report["failures"]), (&version.into(), &serde_json::json!([])));
    assert_eq!((&report["results"], &report["right"]), (&right.parse::<u64>().unwrap().into(), &report["results"]));
    let operations = report["operations"].as_array().unwrap();
    let sum = |key: &str| operations.iter().map(|operation| operation[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((Some(sum("results")), Some(sum("right"))), (report["results"].as_u64(), report["right"].as_u64()));
    for operation in operations {
        let line = format!("{} of {}", operation["right"], operation["results"]);
        let name = operation["name"].as_str().unwrap();
        assert!(text.lines().any(|row| row.starts_with(name) && row.contains(&line)), "{name}: {line}\n{text}");
        assert!((0.0..=1.0).contains(&operation["worst"].as_f64().unwrap()), "{operation}");
    }
}

#[test]
fn wrong_calls_of_devices_are_refused() {
    let workplace = Workplace::new();
    for (line, parts) in [
        ("devices --device cpu", ["--check", "required"]),
        ("devices --shaders --device cpu", ["--shaders", "cannot be used with"]),
        ("devices --check --shaders", ["--shaders", "cannot be used with"]),
        ("devices --check --device gpu:99", ["gpu:99", "gpu:N"]),
    ] {
        workplace.refuses(line, 2, &parts);
    }
}
