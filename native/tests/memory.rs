//! The memory of a run does not grow after the first steps: a short form of `slgan bench memory`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Workplace, no_adapter};

/// Late growth of allocators and caches, at most. A leak of one batch of eight images per step would exceed it.
const SLACK: u64 = 8 << 20;

fn does_not_grow(workplace: &Workplace, device: &str, steps: u32) {
    let (out, _) = workplace.run(&format!("bench memory --device {device} --batch 8 --steps {steps} --json"));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let of = |what: &str| ["after_a_tenth", "at_the_end"].map(|when| report[format!("{what}_{when}")].as_u64());
    let is_flat = |held: [Option<u64>; 2]| matches!(held, [Some(early), Some(late)] if late <= early + SLACK);
    let [process, on_device] = ["bytes", "device_bytes"].map(of);
    assert!(is_flat(process), "{report}");
    assert!(!cfg!(target_os = "linux") || process[0] > Some(0), "Linux reports the memory of a process: {report}");
    if device == "gpu" {
        assert!(is_flat(on_device) && on_device[0] > Some(0), "{report}");
    }
}

#[test]
fn a_run_on_the_cpu_does_not_grow() {
    does_not_grow(&Workplace::new(), "cpu", 200);
}

#[test]
fn a_run_on_an_adapter_does_not_grow() {
    let workplace = Workplace::new();
    if !no_adapter(&serde_json::from_str(&workplace.run("devices --json").0).unwrap()) {
        does_not_grow(&workplace, "gpu", 100);
    }
}
