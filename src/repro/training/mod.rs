//! The layer of training: small runs on the device, twice, and what rounding can do to them.
//!
//! A run with kernels of another device differs from the first step on, and the differences grow, because the networks
//! answer each other's changes. How fast they grow is measured with an ensemble on the CPU: runs in which weights and
//! gradients are changed by as much as the budgets of the kernels allow. `docs/reproducibility.md` derives the
//! tolerances.

mod decisions;
mod digest;
mod distance;
mod faulty;
mod growth;
mod kept;
mod noise;
mod parting;
mod record;
mod seen;
mod signs;
mod step;
mod summary;

use burn::tensor::{Device, ExecutionError};

use super::fault::Fault;
use super::report::{Growth, Repeat, TrainingRun};
use super::settings::compared;
use super::suite::Suite;
use super::tasks::Plan;
use crate::train::seal::sha256;
use crate::train::task::Task;
use growth::Ensemble;
pub(super) use kept::CORRECTED;
use noise::Noise;
use record::{Change, record};
pub(super) use seen::Group;
use seen::Record;
pub(super) use step::Tracer;

/// Makes a task's run twice, and measures its growth. Tests put a fault into both runs on the device. `breathe` is
/// awaited after each step, with the share that is done and what it belongs to.
///
/// # Errors
/// If the device cannot be read.
pub async fn run(
    plan: &Plan,
    task: &Task,
    suite: &Suite,
    device: &Device,
    fault: Option<Fault>,
    mut breathe: impl AsyncFnMut(f64, &str),
) -> Result<TrainingRun, ExecutionError> {
    let runs = (3 + suite.members) as f64;
    let first =
        record(task, suite, device, Change::of(fault), async |share| breathe(share / runs, "on the device").await)
            .await?;
    let second =
        record(task, suite, device, Change::of(fault), async |share| breathe((1.0 + share) / runs, "again").await)
            .await?;
    let parting = parting::of(&first, &second);
    drop(second);
    let breathe_in = async |share: f64| breathe((2.0 + share) / runs, "perturbed on the CPU").await;
    let growth = growth(task, suite, &first, breathe_in).await?;
    let config = serde_json::to_vec(&task.config).expect("a configuration has only text as keys");
    Ok(TrainingRun {
        name: plan.name.to_owned(),
        about: plan.about.to_owned(),
        config_sha256: sha256(&compared(&config)),
        data: task.subject.fingerprint.clone(),
        tau: task.config.gate.tau,
        course: summary::course(&first),
        repeat: Repeat { identical: parting.is_none(), parting },
        growth,
    })
}

/// Measures how far runs on the CPU move apart, and how far the device's run is from there.
async fn growth(
    task: &Task,
    suite: &Suite,
    device_run: &Record,
    mut breathe: impl AsyncFnMut(f64),
) -> Result<Growth, ExecutionError> {
    let host = Device::flex();
    let base = record(task, suite, &host, Change::None, async |share| breathe(share).await).await?;
    let mut ensemble = Ensemble::new(&base);
    for member in 0..suite.members {
        let noise = Noise::of(member);
        let breathe_in = async |share: f64| breathe(1.0 + member as f64 + share).await;
        let perturbed = record(task, suite, &host, Change::Noise(&noise), breathe_in).await?;
        ensemble.add(&perturbed);
    }
    Ok(ensemble.growth(device_run))
}
