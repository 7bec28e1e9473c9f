//! A whole suite on one device.

use std::sync::Arc;

use burn::tensor::Device;

use super::error::SuiteError;
use super::fault::Fault;
use super::progress::{Layer, Progress, SuiteShell};
use super::report::{Environment, Report, SCHEMA};
use super::suite::Suite;
use super::tasks::{PLANS, data};
use super::{exact, kernels, strict, training};

/// Runs a suite on a plain device. The class of `environment.device` decides the kernels of the training layer.
///
/// The runs that measure the growth of rounding differences are made on the CPU backend, whatever the device.
///
/// # Errors
/// If the device cannot be read.
pub async fn run(
    suite: &Suite,
    device: &Device,
    environment: Environment,
    shell: &mut impl SuiteShell,
) -> Result<Report, SuiteError> {
    run_with_fault(suite, device, environment, None, shell).await
}

/// [`run`] with a fault, for tests: a report with a fault must not compare well with one without.
///
/// # Errors
/// As [`run`].
pub async fn run_with_fault(
    suite: &Suite,
    device: &Device,
    environment: Environment,
    fault: Option<Fault>,
    shell: &mut impl SuiteShell,
) -> Result<Report, SuiteError> {
    let mut data = data();
    if fault == Some(Fault::Label) {
        Arc::make_mut(&mut data).train.labels[0] = None;
    }
    let exact = exact::items(&data, async |share, what| tell(shell, Layer::Exact, share, what).await).await?;
    let breathe = async |share: f64, what: &str| tell(shell, Layer::Strict, share, what).await;
    let strict = strict::items(&data, suite, device, breathe).await?;
    let kernels = kernels::layer(device, async |share| {
        let what = format!("{:.0} % of the operations", 100.0 * share);
        tell(shell, Layer::Kernels, share, &what).await;
    })
    .await;
    let mut training = Vec::with_capacity(PLANS.len());
    for (number, plan) in PLANS.iter().enumerate() {
        let task = plan.task(&data, suite.steps).on(environment.device.class);
        let breathe = async |share: f64, what: &str| {
            let share = (number as f64 + share) / PLANS.len() as f64;
            tell(shell, Layer::Training, share, &format!("{}: {what}", plan.name)).await;
        };
        training.push(training::run(plan, &task, suite, device, fault, breathe).await?);
    }
    Ok(Report {
        schema: SCHEMA.to_owned(),
        suite: suite.name.to_owned(),
        environment,
        exact,
        strict,
        kernels,
        training,
    })
}

async fn tell(shell: &mut impl SuiteShell, layer: Layer, share: f64, what: &str) {
    shell.progress(Progress { layer, share, what: what.to_owned() }).await;
}
