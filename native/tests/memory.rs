//! A run does not grow once it is under way: the short form of `slgan bench memory`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Workplace, no_adapter};

/// What allocators and caches may add late; a leak of one batch of eight images a step would be more.
const SLACK: u64 = 8 << 20;

fn does_not_grow(workplace: &Workplace, device: &str, steps: u32) {
    let (out, _) = workplace.run(&format!("bench memory --device {device} --batch 8 --steps {steps} --json"));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let [early, late] = ["bytes_after_a_tenth", "bytes_at_the_end"].map(|field| report[field].as_u64().unwrap());
    assert!(early > 0 && late <= early + SLACK, "{report}");
}

#[test]
fn a_run_on_the_cpu_does_not_grow() {
    does_not_grow(&Workplace::new(), "cpu", 200);
}

#[test]
fn a_run_on_an_adapter_does_not_grow() {
    let workplace = Workplace::new();
    if !no_adapter(&serde_json::from_str(&workplace.run("devices --json").0).unwrap()) {
        does_not_grow(&workplace, "gpu", 150);
    }
}
