//! The strict layer: what the device computes in strict arithmetic, in which all devices have the same bits.

mod operations;
mod training;

use std::sync::Arc;

use burn::tensor::{Device, ExecutionError};

use super::report::ExactItem;
use super::suite::Suite;
use crate::data::Dataset;

/// How much of the layer's time the operations take.
const OPERATIONS: f64 = 0.5;

/// Computes all items on a plain device. `breathe` is awaited between pieces of work, with the share that is done and
/// what it belongs to.
///
/// # Errors
/// If the device cannot be read.
pub async fn items(
    data: &Arc<Dataset>,
    suite: &Suite,
    device: &Device,
    mut breathe: impl AsyncFnMut(f64, &str),
) -> Result<Vec<ExactItem>, ExecutionError> {
    let mut items = operations::items(device, async |share| breathe(OPERATIONS * share, "operations").await).await;
    let breathe = async |share: f64| breathe(OPERATIONS + (1.0 - OPERATIONS) * share, "a run").await;
    items.extend(training::items(data, suite, device, breathe).await?);
    Ok(items)
}
