//! The training loop: it takes steps and emits events.

use burn::tensor::{Device, ExecutionError};

use super::checkpoint;
use super::error::TrainError;
use super::evaluation::{evaluate, labeler};
use super::event::{Checkpoint, Event, Samples, Started, StepFigures};
use super::generation::{GRID_COLUMNS, generate, picture, rows, shown_labels};
use super::inputs::InputMaker;
use super::judge::Judge;
use super::label_table;
use super::shell::{Control, Shell};
use super::state::State;
use super::step::{Replay, StepResult, Stepper};
use super::task::Task;
use super::watch::{self, Watch};
use crate::labels::LatentPartition;
use crate::metrics::share;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are done.
    Finished,
    /// The shell stopped the run, after its state was saved.
    Stopped,
}

/// Trains from `state` to the last step of the configuration, and emits a checkpoint there.
///
/// `device_name` is for people. The judge, if there is one, only watches.
///
/// # Errors
/// If a loss is not finite, the device fails, or the shell cannot take an event.
pub async fn train(
    task: &Task,
    state: &mut State,
    device: &Device,
    device_name: &str,
    judge: Option<&Judge>,
    shell: &mut impl Shell,
) -> Result<Outcome, TrainError> {
    let mut run = Run::new(task, state, device, judge);
    run.emit(shell, run.started(device_name)).await?;
    if let Some(warning) = watch::other_class(run.state.step, run.state.restored_from, run.state.device_class) {
        run.emit(shell, Event::Warning(warning)).await?;
    }
    if run.state.step == 0 && task.config.report.sample_every > 0 {
        let samples = run.samples().await?;
        run.emit(shell, samples).await?;
    }
    while run.state.step < task.config.steps {
        match shell.turn(run.state).await {
            Control::Continue => {}
            Control::Pause => continue,
            Control::Log => {
                run.log_unread(shell).await?;
                continue;
            }
            Control::Save => {
                run.save_now(shell).await?;
                continue;
            }
            Control::Stop => {
                run.save_now(shell).await?;
                return Ok(Outcome::Stopped);
            }
        }
        label_table::prepare(task, run.state, device, shell).await?;
        let result = run.replay.step(run.state);
        run.report(result, shell).await?;
    }
    let step = run.state.step;
    run.emit(shell, Event::Finished { step }).await?;
    Ok(Outcome::Finished)
}

/// A run in progress.
struct Run<'a> {
    task: &'a Task,
    state: &'a mut State,
    device: &'a Device,
    judge: Option<&'a Judge>,
    partition: LatentPartition,
    replay: Replay<'a>,
    watch: Watch,
    last_saved: Option<u64>,
    /// The figures of the last step, if they have not been read yet.
    unread: Option<StepResult>,
}

impl<'a> Run<'a> {
    fn new(task: &'a Task, state: &'a mut State, device: &'a Device, judge: Option<&'a Judge>) -> Self {
        let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
        let inputs = InputMaker::new(task, partition.clone(), device);
        Self {
            replay: Replay::new(Stepper::new(&task.config, inputs)),
            watch: Watch::new(&task.config),
            last_saved: (state.step > 0).then_some(state.step),
            unread: None,
            task,
            state,
            device,
            judge,
            partition,
        }
    }

    async fn emit(&self, shell: &mut impl Shell, event: Event) -> Result<(), TrainError> {
        shell.event(event).await.map_err(TrainError::Shell)
    }

    fn started(&self, device_name: &str) -> Event {
        Event::Started(Box::new(Started {
            version: crate::VERSION.to_owned(),
            seed: self.task.config.seed,
            device: device_name.to_owned(),
            device_class: self.state.device_class,
            step: self.state.step,
            config: self.task.config.clone(),
        }))
    }

    /// Saves the state, after checking that its losses are finite.
    async fn save_now(&mut self, shell: &mut impl Shell) -> Result<(), TrainError> {
        self.log_unread(shell).await?;
        self.save(shell).await
    }

    async fn log_unread(&mut self, shell: &mut impl Shell) -> Result<(), TrainError> {
        match self.unread.take() {
            Some(result) => self.log(result, shell).await,
            None => Ok(()),
        }
    }

    /// Emits the events that are due after a step.
    async fn report(&mut self, result: StepResult, shell: &mut impl Shell) -> Result<(), TrainError> {
        let step = self.state.step;
        let last = step == self.task.config.steps;
        let every = &self.task.config.report;
        let due = |interval: u64| interval > 0 && (last || step.is_multiple_of(interval));
        // A state is saved only after checking that its losses are finite.
        let saves = last || due(every.checkpoint_every);
        if due(every.log_every) || saves {
            self.unread = None;
            self.log(result, shell).await?;
        } else {
            self.unread = Some(result);
        }
        if let Err(error) = self.observe(due(every.sample_every), due(every.evaluate_every), shell).await {
            // What only watches may fail where the state can still be read.
            if error.of_the_device().is_some() {
                let _ = self.save_now(shell).await;
            }
            return Err(error);
        }
        if saves {
            self.save(shell).await?;
        }
        Ok(())
    }

    /// Emits pictures and an evaluation, if they are due.
    async fn observe(&self, samples: bool, evaluates: bool, shell: &mut impl Shell) -> Result<(), TrainError> {
        if samples {
            let samples = self.samples().await?;
            self.emit(shell, samples).await?;
        }
        if evaluates {
            let evaluated = evaluate(self.task, self.state, &self.partition, self.judge, self.device, shell).await?;
            self.emit(shell, Event::Evaluated(Box::new(evaluated))).await?;
        }
        Ok(())
    }

    async fn log(&mut self, result: StepResult, shell: &mut impl Shell) -> Result<(), TrainError> {
        let predictions = labeler(self.task, self.state).predictions(result.label_logits()).await?;
        let truth = result.real_indices.iter().map(|&index| self.task.data.train.labels[index as usize]);
        let agreements: Vec<bool> = predictions
            .iter()
            .zip(truth)
            .filter_map(|(prediction, truth)| Some(prediction.class? == usize::from(truth?)))
            .collect();
        let passed: Vec<bool> = predictions.iter().map(|prediction| prediction.passes_gate).collect();
        let figures = StepFigures {
            step: self.state.step,
            d_loss: read(result.d_loss).await?,
            g_loss: read(result.g_loss).await?,
            c_loss: read(result.c_loss).await?,
            gate_coverage: share(&passed),
            label_agreement: share(&agreements),
        };
        self.emit(shell, Event::Step(figures.clone())).await?;
        if [figures.d_loss, figures.g_loss, figures.c_loss].iter().flatten().any(|loss| !loss.is_finite()) {
            let warning = watch::non_finite(&figures, self.last_saved);
            let advice = warning.advice.clone();
            self.emit(shell, Event::Warning(warning)).await?;
            return Err(TrainError::NonFinite { step: figures.step, advice });
        }
        let mut histogram = vec![0; self.task.subject.label_count];
        predictions.iter().for_each(|prediction| histogram[prediction.label] += 1);
        for warning in self.watch.observe(&figures, histogram) {
            self.emit(shell, Event::Warning(warning)).await?;
        }
        Ok(())
    }

    async fn samples(&self) -> Result<Event, TrainError> {
        let labels = shown_labels(self.partition.label_count());
        let latents = rows(&self.partition, &labels, GRID_COLUMNS, 1.0, self.task.config.seed);
        let images =
            generate(&self.state.average, &self.partition, &latents, self.task.subject.image, self.device).await?;
        let chosen = if labels.len() < self.partition.label_count() { labels } else { Vec::new() };
        Ok(Event::Samples(Samples { step: self.state.step, labels: chosen, grid: picture(&images, GRID_COLUMNS) }))
    }

    async fn save(&mut self, shell: &mut impl Shell) -> Result<(), TrainError> {
        let step = self.state.step;
        if self.last_saved == Some(step) {
            return Ok(());
        }
        let files = checkpoint::write(self.state, &self.task.config, &self.task.subject).await?;
        self.emit(shell, Event::Checkpoint(Checkpoint { step, files })).await?;
        self.last_saved = Some(step);
        Ok(())
    }
}

async fn read(loss: Option<burn::tensor::Tensor<1>>) -> Result<Option<f64>, ExecutionError> {
    match loss {
        None => Ok(None),
        Some(loss) => {
            let data = loss.into_data_async().await?;
            Ok(data.iter::<f64>().next())
        }
    }
}
