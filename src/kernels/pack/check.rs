//! Shared buffers, their views, and buffers of views.

use burn::tensor::Tensor;

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::pack::{Places, pack_with, unpack};

/// Elements of each tensor: one alone, one of everything, exact multiples of the alignment and of an invocation's
/// share, as many as one launch takes, one more, and so many that some launches are full.
const CASES: [&[usize]; 7] = [
    &[5],
    &[1, 1],
    &[64, 256, 1],
    &[257, 3, 65, 128, 1, 999],
    &[257, 3, 65, 128, 1, 999, 2],
    &[1, 64, 63, 65, 200, 1_000, 7, 16, 4_608, 2, 2, 130],
    &[3, 5, 1, 70, 64, 9, 8, 7, 2_000, 5, 4, 3, 2],
];

/// Copies are exact.
const BUDGET: f64 = 0.0;

/// Checks buffers of several tensors.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for counts in CASES {
        outcomes.extend(check_case(&values(counts), "", target).await);
    }
    for bad in [f64::NAN, f64::INFINITY] {
        let mut values = values(CASES[3]);
        (values[0][256], values[1][0], values[5][998]) = (bad, bad, bad);
        outcomes.extend(check_case(&values, &format!(" with {bad}"), target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite: one launch, and several.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for counts in [CASES[3], CASES[5]] {
        outcomes.extend(check_case(&values(counts), "", target).await);
    }
    outcomes
}

/// Random numbers for tensors of so many elements.
fn values(counts: &[usize]) -> Vec<Vec<f64>> {
    counts.iter().enumerate().map(|(index, &count)| numbers(index as u64, count)).collect()
}

/// Packs tensors, then their views in the same and in the opposite order.
async fn check_case(values: &[Vec<f64>], note: &str, target: &Target) -> Vec<Outcome> {
    let counts: Vec<usize> = values.iter().map(Vec::len).collect();
    let places = Places::new(&counts);
    let tensors: Vec<Tensor<1>> =
        values.iter().map(|values| on_device(values, [values.len()], &target.device)).collect();
    let packed = pack_with(tensors, &places, target.launch);
    let views = unpack(packed.clone(), &places);
    let mut case = Case::new("pack", format!("{counts:?}{note}"), BUDGET);
    case.expect("buffer", packed, &joined(values, &places)).await;
    for (view, values) in views.iter().zip(values) {
        case.expect("view", view.clone(), values).await;
    }
    case.expect("buffer of views", pack_with(views.clone(), &places, target.launch), &joined(values, &places)).await;
    // Some lie side by side, and others do not.
    let mut mixed = views.clone();
    let middle = values.len() / 2;
    mixed[middle] = on_device(&values[middle], [values[middle].len()], &target.device);
    case.expect("buffer of some views", pack_with(mixed, &places, target.launch), &joined(values, &places)).await;
    let (views, values) = (views.into_iter().rev().collect(), values.iter().rev().cloned().collect::<Vec<_>>());
    let places = Places::new(&values.iter().map(Vec::len).collect::<Vec<_>>());
    case.expect("buffer in the opposite order", pack_with(views, &places, target.launch), &joined(&values, &places))
        .await;
    let (first, places) = (values[0].clone(), Places::new(&[values[0].len(); 2]));
    let twice = vec![on_device(&first, [first.len()], &target.device); 2];
    case.expect(
        "one tensor twice",
        pack_with(twice, &places, target.launch),
        &joined(&[first.clone(), first], &places),
    )
    .await;
    case.outcomes()
}

/// The numbers of a buffer, with zeros in its gaps.
fn joined(values: &[Vec<f64>], places: &Places) -> Vec<f64> {
    let mut all = vec![0.0; places.total()];
    for (values, &offset) in values.iter().zip(places.offsets()) {
        all[offset..][..values.len()].copy_from_slice(values);
    }
    all
}
