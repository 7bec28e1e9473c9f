//! Every operation in strict arithmetic: a hash for all its results on fixed inputs.

use std::collections::BTreeMap;

use burn::tensor::Device;

use crate::kernels::checks::{self, Outcome};
use crate::repro::report::ExactItem;
use crate::train::seal::sha256;

/// An item for each operation. `breathe` is awaited after each, with the share that is done.
pub async fn items(device: &Device, mut breathe: impl AsyncFnMut(f64)) -> Vec<ExactItem> {
    let outcomes = checks::run_strictly(device, async |done, all| breathe(done as f64 / all as f64).await).await;
    let mut of_operations: BTreeMap<&'static str, Vec<Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        of_operations.entry(outcome.kernel).or_default().push(outcome);
    }
    of_operations.into_iter().map(|(operation, outcomes)| item(operation, &outcomes)).collect()
}

/// The hash of the hashes of an operation's results, in their order.
fn item(operation: &str, outcomes: &[Outcome]) -> ExactItem {
    let hashes: String = outcomes.iter().map(|outcome| outcome.figures.digest.as_str()).collect();
    let numbers: usize = outcomes.iter().map(|outcome| outcome.figures.count).sum();
    ExactItem {
        name: operation.to_owned(),
        about: format!("The hashes of {} results, forward and backward, one after the other.", outcomes.len()),
        bytes: (numbers * size_of::<f32>()) as u64,
        sha256: sha256(hashes.as_bytes()),
    }
}
