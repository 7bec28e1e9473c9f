//! Every kernel against float64, on the CPU backend and on an adapter.

mod adapter;

use burn::tensor::Device;
use slgan::kernels::checks;

fn all_pass(device: &Device) {
    let outcomes = pollster::block_on(checks::run(device));
    let failures: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), outcomes.len(), failures.join("\n"));
    assert!(outcomes.len() > 300, "{} results were compared", outcomes.len());
}

#[test]
fn the_cpu_agrees_with_float64() {
    all_pass(&Device::flex());
}

#[test]
fn an_adapter_agrees_with_float64() {
    if let Some(device) = adapter::first() {
        all_pass(&device);
    }
}
