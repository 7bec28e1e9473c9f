//! The exact layer: everything that is computed on the host by exact operations alone.
//!
//! All tensors here are on the CPU backend, whatever the device.

mod batches;
mod item;
mod labels;
mod pictures;
mod random;
mod state;

use std::sync::Arc;

use super::error::SuiteError;
use super::report::ExactItem;
use crate::data::Dataset;
pub(super) use item::of_numbers;

/// Computes all items. `breathe` is awaited after each group of them, with the share that is done and its name.
///
/// # Errors
/// If a tensor cannot be read.
pub async fn items(data: &Arc<Dataset>, mut breathe: impl AsyncFnMut(f64, &str)) -> Result<Vec<ExactItem>, SuiteError> {
    let mut items = random::items();
    items.extend(labels::items(data));
    breathe(0.25, "random numbers and labels").await;
    items.extend(pictures::items(data));
    breathe(0.5, "pictures").await;
    items.extend(batches::items(data));
    breathe(0.75, "batches").await;
    items.extend(state::items(data).await?);
    breathe(1.0, "initial weights and a checkpoint").await;
    Ok(items)
}
