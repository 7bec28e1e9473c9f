//! A run in strict arithmetic: hashes of every group of tensors at some steps.

use std::sync::Arc;

use burn::tensor::{Device, ExecutionError};

use crate::data::Dataset;
use crate::kernels::class::DeviceClass;
use crate::repro::exact::of_numbers;
use crate::repro::report::ExactItem;
use crate::repro::suite::Suite;
use crate::repro::tasks::{PLANS, Plan};
use crate::repro::training::{CORRECTED, Group, Tracer};

/// With few labels, every part of a step has something to do.
const PLAN: Plan = PLANS[1];

/// An item for each group of tensors at each step of [`Suite::strict`]. `breathe` is awaited after each step, with the
/// share that is done.
///
/// # Errors
/// If the device cannot be read.
pub async fn items(
    data: &Arc<Dataset>,
    suite: &Suite,
    device: &Device,
    mut breathe: impl AsyncFnMut(f64),
) -> Result<Vec<ExactItem>, ExecutionError> {
    let steps = suite.strict.last().copied().unwrap_or_default();
    let task = PLAN.strict_task(data, steps).on(DeviceClass::Strict);
    let mut tracer = Tracer::new(&task, device);
    let mut items = Vec::new();
    for step in 1..=steps {
        let seen = tracer.step(suite.strict.contains(&step), None).await?;
        items.extend(seen.groups.into_iter().map(|group| item(step, group)));
        breathe(step as f64 / steps as f64).await;
    }
    Ok(items)
}

fn item(step: u64, Group { phase, name, tensors }: Group) -> ExactItem {
    let name = format!("{}, step {step}, {}, {name}", PLAN.name, phase.name());
    // burn's operations make the corrected logits, which have no strict form.
    let strict = tensors.into_iter().filter(|(name, _)| name != CORRECTED);
    of_numbers(&name, "These tensors, sorted by name.", strict.flat_map(|(_, values)| values))
}
