//! `slgan bench host`: what a training step takes on the host, and what it asks of the device.
//!
//! On a fast GPU with small networks, this is the time of a step: the device waits for the host.

use std::time::{Duration, Instant};

use anyhow::Result;
use burn::tensor::Device;
use serde::Serialize;
use slgan::config::{Config, Layer};
use slgan::kernels::upload::uploaded_bytes;
use slgan::labels::LatentPartition;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{InputMaker, PhaseGradients, Stepper};

use super::calls::{self, Calls};
use super::implementation::Implementation;
use super::median::median;
use super::step::{Runner, glyphs};
use super::{noop, table};
use crate::cli::TimingArgs;

/// Steps whose median is the time of a step, and as many for the phases.
const STEPS: usize = 25;

/// What a step or a phase asks of the device.
#[derive(Debug, Clone, Copy, Serialize)]
struct Asked {
    #[serde(flatten)]
    calls: Calls,
    upload_bytes: u64,
}

/// The measurements of one preset.
#[derive(Debug, Serialize)]
struct Row {
    preset: String,
    ms: f64,
    #[serde(flatten)]
    asked: Asked,
    /// A step that is repeated, as in training. The rest is about steps that launch anew. None if training repeats none,
    /// because a step has more work than one submission may have.
    repeated: Option<Repeated>,
    phases: Vec<Phase>,
}

/// A repeated step.
#[derive(Debug, Clone, Copy, Serialize)]
struct Repeated {
    ms: f64,
    #[serde(flatten)]
    asked: Asked,
}

/// A phase of a step. It waits for the device at its end, so the phases take a little more than the step.
#[derive(Debug, Clone, Serialize)]
struct Phase {
    name: &'static str,
    ms: f64,
    #[serde(flatten)]
    asked: Asked,
}

/// Runs the benchmark and prints the results.
///
/// # Errors
/// If a preset does not exist.
pub fn run(args: &TimingArgs) -> Result<()> {
    let device = noop::open()?;
    let rows = args.presets.iter().map(|preset| measure(preset, &device)).collect::<Result<Vec<Row>>>()?;
    if args.json {
        result!("{}", serde_json::json!({ "steps": rows }));
        return Ok(());
    }
    let head = ["preset", "phase", "ms", "dispatches", "submissions", "uploads", "bytes", "bind groups", "allocations"];
    table::print(head, &rows.iter().flat_map(Row::lines).collect::<Vec<_>>());
    Ok(())
}

impl Row {
    fn lines(&self) -> Vec<[String; 9]> {
        let whole = cells(&self.preset, "whole step", self.ms, self.asked);
        let repeated = match self.repeated {
            Some(Repeated { ms, asked }) => cells("", "repeated", ms, asked),
            None => ["", "never repeated", "-", "-", "-", "-", "-", "-", "-"].map(str::to_owned),
        };
        let phases = self.phases.iter().map(|phase| cells("", phase.name, phase.ms, phase.asked));
        [whole, repeated].into_iter().chain(phases).collect()
    }
}

fn cells(preset: &str, phase: &str, ms: f64, Asked { calls, upload_bytes }: Asked) -> [String; 9] {
    let numbers =
        [calls.dispatches, calls.submissions, calls.uploads, upload_bytes, calls.bind_groups, calls.allocations];
    let [dispatches, submissions, uploads, bytes, bind_groups, allocations] = numbers.map(|number| number.to_string());
    let ms = format!("{ms:.2}");
    [preset.into(), phase.into(), ms, dispatches, submissions, uploads, bytes, bind_groups, allocations]
}

fn measure(preset: &str, device: &Device) -> Result<Row> {
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
    let task = Task::new(config, glyphs()?)?.on(noop::CLASS);
    let mut runner = Runner::new(&task, device, Implementation::Ours);
    // The first steps compile the kernels and fill the pools of memory.
    runner.step()?;
    let (ms, asked) = timed(&mut runner, device)?;
    drop(runner);
    let repeated = repeated(&task, device)?;
    Ok(Row { preset: preset.to_owned(), ms, asked, repeated, phases: phases(&task, device)? })
}

/// A repeated step; none if training does not repeat the steps of this task.
fn repeated(task: &Task, device: &Device) -> Result<Option<Repeated>> {
    let mut runner = Runner::repeating(task, device)?;
    if !runner.is_repeating() {
        return Ok(None);
    }
    let (ms, asked) = timed(&mut runner, device)?;
    Ok(Some(Repeated { ms, asked }))
}

/// The median milliseconds of a step, and what a step asks.
fn timed(runner: &mut Runner, device: &Device) -> Result<(f64, Asked)> {
    runner.step()?;
    // A step ends when its loss can be read, which is before its last launches.
    device.sync()?;
    let before = uploaded_bytes();
    let (step, calls) = calls::count(|| runner.step().and_then(|time| Ok(device.sync().map(|()| time)?)));
    step?;
    let asked = Asked { calls, upload_bytes: uploaded_bytes() - before };
    let times = (0..STEPS).map(|_| Ok(runner.step()?.as_secs_f64())).collect::<Result<Vec<f64>>>()?;
    Ok((1e3 * median(times), asked))
}

/// The phases of a step past the warm-up: medians of their times, and what the last step asked.
fn phases(task: &Task, device: &Device) -> Result<Vec<Phase>> {
    let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
    let stepper = Stepper::new(&task.config, InputMaker::new(task, partition, device));
    let mut state = State::new(&task.config, &task.architecture(), device);
    state.step = task.config.labels_from() + 1;
    phases_of_step(&stepper, &mut state, device)?;
    let steps = (0..STEPS).map(|_| phases_of_step(&stepper, &mut state, device)).collect::<Result<Vec<_>>>()?;
    // Counting takes time, so it has a step of its own.
    let counted = calls::count(|| phases_of_step(&stepper, &mut state, device)).0?;
    let phase = |(index, counted): (usize, &Phase)| {
        let ms = median(steps.iter().map(|phases| phases[index].ms).collect());
        Phase { ms, ..counted.clone() }
    };
    Ok(counted.iter().enumerate().map(phase).collect())
}

/// Performs one step as [`Stepper::step`] does.
fn phases_of_step(stepper: &Stepper, state: &mut State, device: &Device) -> Result<Vec<Phase>> {
    let mut laps = Laps::start(device)?;
    let (inputs, generated) = stepper.step_inputs(state);
    laps.end("inputs")?;
    stepper.power_iteration(state);
    let PhaseGradients { gradients, .. } = stepper.discriminator_gradients(state, &inputs.update);
    stepper.apply_discriminator(state, gradients);
    laps.end("discriminator")?;
    if let Some(PhaseGradients { gradients, .. }) = stepper.classifier_gradients(state, &inputs) {
        stepper.apply_classifier(state, gradients);
    }
    laps.end("classifier")?;
    let statistics = generated.statistics();
    let PhaseGradients { gradients, .. } = stepper.generator_gradients(state, &inputs, generated);
    stepper.keep_statistics(state, statistics);
    stepper.apply_generator(state, gradients);
    laps.end("generator")?;
    stepper.observe_prior(state, inputs.real_logits.clone());
    stepper.count_step(state);
    laps.end("prior")?;
    Ok(laps.phases)
}

/// The phases so far, and the start of the next one.
struct Laps<'a> {
    device: &'a Device,
    start: Instant,
    calls: Calls,
    bytes: u64,
    phases: Vec<Phase>,
}

impl<'a> Laps<'a> {
    fn start(device: &'a Device) -> Result<Self> {
        device.sync()?;
        Ok(Self { device, start: Instant::now(), calls: Calls::so_far(), bytes: uploaded_bytes(), phases: Vec::new() })
    }

    fn end(&mut self, name: &'static str) -> Result<()> {
        self.device.sync()?;
        let time: Duration = self.start.elapsed();
        let asked = Asked { calls: Calls::so_far() - self.calls, upload_bytes: uploaded_bytes() - self.bytes };
        self.phases.push(Phase { name, ms: 1e3 * time.as_secs_f64(), asked });
        let phases = std::mem::take(&mut self.phases);
        *self = Self { phases, ..Self::start(self.device)? };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::adapter::alone;

    /// Large steps go to the device in several submissions, so they are not repeated.
    #[test]
    fn only_repeated_steps_are_called_so() {
        let _alone = alone();
        let device = noop::open().unwrap();
        let repeats = |preset| {
            let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)]).unwrap();
            let task = Task::new(config, glyphs().unwrap()).unwrap().on(noop::CLASS);
            repeated(&task, &device).unwrap()
        };
        let small = repeats("small").expect("a step is small enough").asked.calls;
        // It has 219 launch by launch, and copies what it takes and gives.
        assert!((100..=236).contains(&small.dispatches) && small.bind_groups == 0, "{small:?}");
        assert!(repeats("cifar").is_none(), "a step is too large");
    }

    #[test]
    fn a_step_asks_about_as_much_as_its_phases() {
        let _alone = alone();
        let row = measure("tiny", &noop::open().unwrap()).unwrap();
        let sum = |value: fn(&Asked) -> u64| row.phases.iter().map(|phase| value(&phase.asked)).sum::<u64>();
        assert!(row.asked.calls.dispatches > 100, "{row:?}");
        // Phases launch a few more, of burn's kernels.
        let (phases, step) = (sum(|asked| asked.calls.dispatches), row.asked.calls.dispatches);
        assert!(phases.abs_diff(step) <= step / 20, "{phases} in phases, {step} in a step");
        assert_eq!(sum(|asked| asked.upload_bytes), row.asked.upload_bytes);
        assert!(row.asked.upload_bytes > 0 && row.asked.calls.submissions > 0);
        // One parcel; the runtime may upload sizes of kernels of its own.
        assert!((1..=4).contains(&row.asked.calls.uploads), "{row:?}");
        let row = serde_json::to_value(row).unwrap();
        for field in ["preset", "ms", "dispatches", "submissions", "uploads", "upload_bytes", "bind_groups"] {
            assert!(!row[field].is_null(), "{field}");
        }
    }
}
