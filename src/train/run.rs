//! The training loop: it takes steps and emits events.

use burn::tensor::Device;

use super::checkpoint;
use super::error::TrainError;
use super::evaluation::evaluate;
use super::event::{Checkpoint, Event, Samples, Started};
use super::exchange::{Alone, Exchange};
use super::figures::figures;
use super::generation::{GRID_COLUMNS, generate, picture, rows, shown_labels};
use super::inputs::InputMaker;
use super::judge::Judge;
use super::label_table;
use super::shell::{Control, Shell};
use super::state::State;
use super::step::{StepResult, Stepper, Steps};
use super::task::Task;
use super::together::{compare_starts, compare_states, follow};
use super::watch::{self, Watch};
use crate::labels::LatentPartition;

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
    train_together(&Alone, task, state, device, device_name, judge, shell).await
}

/// [`train`] as one rank of several, which all call this with equal tasks and states.
///
/// The first rank alone emits events, asks its shell and takes its judge; the others do as it does. All ranks end with
/// the same state.
///
/// # Errors
/// As [`train`]; also if the ranks cannot have equally many shards, if another rank fails or differs, or if states are
/// no longer the same when they are saved.
pub async fn train_together(
    exchange: &impl Exchange,
    task: &Task,
    state: &mut State,
    device: &Device,
    device_name: &str,
    judge: Option<&Judge>,
    shell: &mut impl Shell,
) -> Result<Outcome, TrainError> {
    compare_starts(exchange, task, state).await?;
    let mut run = Run::new(exchange, task, state, device, judge)?;
    run.begin(device_name, shell).await?;
    while run.state.step < task.config.steps {
        match run.turn(shell).await? {
            Control::Continue => {
                label_table::prepare(task, run.state, device, shell).await?;
                let result = run.steps.step(run.state).await?;
                run.report(result, shell).await?;
            }
            Control::Pause => {}
            Control::Log => run.log_unread(shell).await?,
            Control::Save => run.save_now(shell).await?,
            Control::Stop => {
                run.save_now(shell).await?;
                return Ok(Outcome::Stopped);
            }
        }
    }
    let step = run.state.step;
    run.emit(shell, Event::Finished { step }).await?;
    Ok(Outcome::Finished)
}

/// A run in progress.
struct Run<'a, E> {
    exchange: &'a E,
    task: &'a Task,
    state: &'a mut State,
    device: &'a Device,
    judge: Option<&'a Judge>,
    partition: LatentPartition,
    steps: Steps<'a, E>,
    watch: Watch,
    last_saved: Option<u64>,
    /// The figures of the last step, if they have not been read yet.
    unread: Option<StepResult>,
}

impl<'a, E: Exchange> Run<'a, E> {
    fn new(
        exchange: &'a E,
        task: &'a Task,
        state: &'a mut State,
        device: &'a Device,
        judge: Option<&'a Judge>,
    ) -> Result<Self, TrainError> {
        let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
        let inputs = InputMaker::new(task, partition.clone(), device);
        Ok(Self {
            steps: Steps::new(Stepper::new(&task.config, inputs), exchange, task.config.shards)?,
            watch: Watch::new(&task.config),
            last_saved: (state.step > 0).then_some(state.step),
            unread: None,
            exchange,
            task,
            state,
            device,
            judge,
            partition,
        })
    }

    /// Whether this rank emits events.
    fn is_first(&self) -> bool {
        self.exchange.rank() == 0
    }

    /// Emits what comes before the first step.
    async fn begin(&self, device_name: &str, shell: &mut impl Shell) -> Result<(), TrainError> {
        self.emit(shell, self.started(device_name)).await?;
        if let Some(warning) = watch::other_class(self.state.step, self.state.restored_from, self.state.device_class) {
            self.emit(shell, Event::Warning(warning)).await?;
        }
        self.observe(self.state.step == 0 && self.task.config.report.sample_every > 0, false, shell).await
    }

    /// What to do next. A pause, or figures, are the first rank's own business.
    async fn turn(&self, shell: &mut impl Shell) -> Result<Control, TrainError> {
        let wanted = if self.is_first() { shell.turn(self.state).await } else { Control::Continue };
        match wanted {
            Control::Pause | Control::Log => Ok(wanted),
            Control::Continue | Control::Save | Control::Stop => Ok(follow(self.exchange, wanted).await?),
        }
    }

    async fn emit(&self, shell: &mut impl Shell, event: Event) -> Result<(), TrainError> {
        if self.is_first() { shell.event(event).await.map_err(TrainError::Shell) } else { Ok(()) }
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
            if error.of_the_device().is_some() && self.exchange.ranks() == 1 {
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
        if samples && self.is_first() {
            let samples = self.samples().await?;
            self.emit(shell, samples).await?;
        }
        if evaluates && self.is_first() {
            let evaluated = evaluate(self.task, self.state, &self.partition, self.judge, self.device, shell).await?;
            self.emit(shell, Event::Evaluated(Box::new(evaluated))).await?;
        }
        Ok(())
    }

    async fn log(&mut self, result: StepResult, shell: &mut impl Shell) -> Result<(), TrainError> {
        if !self.is_first() {
            return Ok(());
        }
        let (figures, histogram) = figures(self.task, self.state, result).await?;
        self.emit(shell, Event::Step(figures.clone())).await?;
        if [figures.d_loss, figures.g_loss, figures.c_loss].iter().flatten().any(|loss| !loss.is_finite()) {
            let warning = watch::non_finite(&figures, self.last_saved);
            let advice = warning.advice.clone();
            self.emit(shell, Event::Warning(warning)).await?;
            return Err(TrainError::NonFinite { step: figures.step, advice });
        }
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
        compare_states(self.exchange, &files).await?;
        self.emit(shell, Event::Checkpoint(Checkpoint { step, files })).await?;
        self.last_saved = Some(step);
        Ok(())
    }
}
