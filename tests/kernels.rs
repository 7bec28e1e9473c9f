//! Every kernel against float64, on the CPU backend and on an adapter.

mod adapter;

use burn::tensor::Device;
use slgan::kernels::checks::{self, Outcome};

fn all_pass(outcomes: &[Outcome]) {
    let failures: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), outcomes.len(), failures.join("\n"));
    assert!(outcomes.len() > 2_000, "{} results were compared", outcomes.len());
}

/// Two runs have the same bits, and the second, whose grids have many rows, passes as well.
fn agrees_with_float64_and_itself(device: &Device) {
    let first = pollster::block_on(checks::run(device));
    all_pass(&first);
    let second = pollster::block_on(checks::run_on_narrow_grids(device));
    all_pass(&second);
    let pairs = first.iter().zip(&second).filter(|(first, second)| first != second);
    let differences: Vec<String> = pairs.map(|(first, _)| first.to_string()).collect();
    assert!(differences.is_empty() && first.len() == second.len(), "other bits:\n{}", differences.join("\n"));
}

#[test]
fn the_cpu_agrees_with_float64() {
    agrees_with_float64_and_itself(&Device::flex());
}

#[test]
fn an_adapter_agrees_with_float64() {
    if let Some(device) = adapter::first() {
        agrees_with_float64_and_itself(&device);
    }
}
