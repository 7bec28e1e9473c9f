//! A run from its first step to its last images.

use burn::tensor::{Device, ExecutionError};

use super::faulty;
use super::noise::Noise;
use super::seen::Record;
use super::step::Tracer;
use crate::repro::fault::Fault;
use crate::repro::suite::Suite;
use crate::train::generation::{generate, rows, shown_labels};
use crate::train::task::Task;

/// Images per row of the final images.
pub const COLUMNS: usize = 4;

/// How a run differs from that of its task.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// Not at all.
    None,
    /// Weights are perturbed before each step, and every gradient before it is applied.
    Noise(&'a Noise),
    /// For a test of the suite.
    Fault(Fault),
}

impl Change<'_> {
    /// A fault, if there is one.
    pub fn of(fault: Option<Fault>) -> Self {
        fault.map_or(Self::None, Self::Fault)
    }
}

/// Makes a run on a plain device. `breathe` is awaited after each step, with the share that is done.
///
/// # Errors
/// If the device cannot be read.
pub async fn record(
    task: &Task,
    suite: &Suite,
    device: &Device,
    change: Change<'_>,
    mut breathe: impl AsyncFnMut(f64),
) -> Result<Record, ExecutionError> {
    let (noise, fault) = match change {
        Change::None => (None, None),
        Change::Noise(noise) => (Some(noise), None),
        Change::Fault(fault) => (None, Some(fault)),
    };
    let other = faulty::other_task(task, fault);
    let mut tracer = Tracer::new(task, device).with_fault(fault, other.as_ref(), device);
    let mut steps = Vec::with_capacity(suite.steps as usize);
    for step in 1..=suite.steps {
        steps.push(tracer.step(suite.digests(step), noise).await?);
        breathe(step as f64 / suite.steps as f64).await;
    }
    let (partition, state) = tracer.finish();
    let labels = shown_labels(task.subject.label_count);
    let latents = rows(&partition, &labels, COLUMNS, 1.0, task.config.seed);
    let images = generate(&state.average, &partition, &latents, task.subject.image, device).await?;
    Ok(Record { steps, images })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repro::tasks::{PLANS, data};

    #[test]
    fn equal_runs_are_equal_and_noise_shows() {
        let task = PLANS[1].task(&data(), Suite::BRIEF.steps);
        let device = Device::flex();
        let run = |noise: Option<Noise>| {
            let run =
                record(&task, &Suite::BRIEF, &device, noise.as_ref().map_or(Change::None, Change::Noise), async |_| {});
            pollster::block_on(run).expect("the CPU can be read")
        };
        let first = run(None);
        assert!(first == run(None), "two equal runs differ");
        let perturbed = run(Some(Noise::of(0)));
        assert!(perturbed == run(Some(Noise::of(0))), "noise is not a function of its number");
        let gradients = |run: &Record| run.steps[0].groups.iter().find(|group| group.name == "gradients").cloned();
        assert!(gradients(&first) != gradients(&perturbed));
        assert!(perturbed != run(Some(Noise::of(1))));
        assert_eq!(first.steps.len() as u64, Suite::BRIEF.steps);
        assert_eq!(first.images.count(), COLUMNS * task.subject.label_count);
        assert!(first.steps[1].groups.is_empty() && first.steps[1].decisions.len() == task.config.batch);
    }
}
