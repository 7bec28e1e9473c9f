//! Checks every kernel against float64, on the CPU backend and on an adapter.

mod adapter;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use burn::tensor::Device;
use slgan::kernels::checks::{self, Outcome};
use slgan::kernels::class::DeviceClass;
use slgan::kernels::launches;

/// Every checked operation, in alphabetical order.
const OPERATIONS: [&str; 21] = [
    "adam",
    "add_enlarged",
    "average",
    "batch",
    "batch_norm_relu",
    "conv2d",
    "cross_entropy",
    "diff_augment",
    "dropout",
    "hinge_discriminator",
    "hinge_generator",
    "leaky_relu",
    "linear",
    "overwrite",
    "pack",
    "power_iteration",
    "projection",
    "self_label",
    "spectral_norm",
    "tanh",
    "trusted_cross_entropy",
];

/// The outcomes on the CPU, and those on narrow grids, computed once.
fn on_the_cpu() -> &'static [Vec<Outcome>; 2] {
    static OUTCOMES: OnceLock<[Vec<Outcome>; 2]> = OnceLock::new();
    OUTCOMES.get_or_init(|| pollster::block_on(checks::run_also_on_narrow_grids(&Device::flex())))
}

fn all_pass(outcomes: &[Outcome]) {
    let failures: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), outcomes.len(), failures.join("\n"));
    assert!(outcomes.len() > 2_000, "{} results were compared", outcomes.len());
    let operations: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.kernel).collect();
    assert!(operations.into_iter().eq(OPERATIONS), "the checked operations are not those in the list");
}

/// All results pass, and a second run on narrow grids of workgroups gives the same bits.
fn agree_with_float64_and_themselves([first, second]: &[Vec<Outcome>; 2]) {
    all_pass(first);
    all_pass(second);
    let pairs = first.iter().zip(second).filter(|(first, second)| first != second);
    let differences: Vec<String> = pairs.map(|(first, _)| first.to_string()).collect();
    assert!(differences.is_empty() && first.len() == second.len(), "other bits:\n{}", differences.join("\n"));
}

/// With bounds checks, the chosen results pass and almost all have the same bits. The others differ by less than a
/// hundredth of what rounding explains: Mesa unrolls no loops that have bounds, and then adds up some sums in another
/// order.
fn hardly_change_with_bounds_checks(device: &Device) {
    let first = pollster::block_on(checks::run_chosen(device, &DeviceClass::USUAL));
    let compiled = launches::compiled();
    let checked = pollster::block_on(checks::run_chosen_with_bounds_checks(device, &DeviceClass::USUAL));
    assert!(launches::compiled() > compiled, "kernels with bounds checks are other kernels");
    let failures: Vec<String> = checked.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty() && checked.len() > 400, "{} results:\n{}", checked.len(), failures.join("\n"));
    assert_eq!(compared(&first), compared(&checked));
    let others: Vec<_> = first.iter().zip(&checked).filter(|(first, checked)| first != checked).collect();
    assert!(50 * others.len() < first.len(), "{} of {} have other bits", others.len(), first.len());
    for (first, checked) in others {
        let difference = (first.error - checked.error).abs();
        assert!(difference < first.budget / 100.0, "{first}, and with bounds checks {checked}");
    }
}

/// Names of the compared results: those of `batch`, and all others.
fn compared(outcomes: &[Outcome]) -> [Vec<String>; 2] {
    let named = |Outcome { kernel, case, result, .. }: &Outcome| format!("{kernel} {case}, {result}");
    let (batches, others): (Vec<&Outcome>, Vec<&Outcome>) =
        outcomes.iter().partition(|outcome| outcome.kernel == "batch");
    [batches, others].map(|outcomes| outcomes.into_iter().map(named).collect())
}

/// A GPU keeps the images, so it has batches that the CPU does not have, and kernels of other classes. All other results
/// are compared on both.
fn everything_is_compared(on_adapter: &[Outcome]) {
    let [batches, others] = compared(on_adapter);
    let [batches_on_the_cpu, others_on_the_cpu] = compared(&on_the_cpu()[0]);
    let is_missing = |result: &&String| !batches.contains(result);
    let missing: Vec<&String> = batches_on_the_cpu.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?} are not compared on the adapter");
    assert!(batches.len() > batches_on_the_cpu.len(), "batches of images kept on the device are not compared");
    let of_its_class = |name: &&String| ["integrated", "discrete"].iter().all(|class| !name.contains(class));
    let [found, expected] = [&others, &others_on_the_cpu].map(|names| names.iter().filter(of_its_class));
    assert!(found.eq(expected), "the adapter and the CPU compare different results");
    let [found, expected] = [&others, &others_on_the_cpu].map(|names| names.iter().collect::<BTreeSet<_>>());
    assert!(found.is_superset(&expected), "the CPU compares what the adapter does not");
    assert!(found.len() > expected.len(), "the kernels of other classes are not compared");
}

#[test]
fn the_cpu_agrees_with_float64() {
    agree_with_float64_and_themselves(on_the_cpu());
}

#[test]
fn an_adapter_agrees_with_float64() {
    if let Some(device) = adapter::first() {
        let outcomes = pollster::block_on(checks::run_also_on_narrow_grids(&device));
        everything_is_compared(&outcomes[0]);
        agree_with_float64_and_themselves(&outcomes);
    }
}

/// Compiling the kernels with bounds checks takes a software adapter ten minutes. Browsers always check bounds, and the
/// page's tests compare all chosen results there. So this runs only with `SLGAN_EXHAUSTIVE=1`.
#[test]
fn bounds_checks_change_little() {
    if std::env::var_os("SLGAN_EXHAUSTIVE").is_none() {
        eprintln!("not run without SLGAN_EXHAUSTIVE=1");
        return;
    }
    if let Some(device) = adapter::first() {
        hardly_change_with_bounds_checks(&device);
    }
}
