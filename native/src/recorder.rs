//! Records a run in a terminal: it writes the run folder, shows progress and listens for Ctrl-C.

use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};
use slgan::config::Config;
use slgan::train::event::{Checkpoint, Evaluated, Event, Samples, StepFigures};
use slgan::train::judge::GeneratedFigures;
use slgan::train::state::State;

use crate::atomic;
use crate::compiling::Compiling;
use crate::device;
use crate::event_log::EventLog;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::run_folder::{Best, RunFolder, Schedule};
use crate::tensorboard::TensorBoard;

/// Writes the run folder from the events of a run.
pub struct Recorder {
    folder: RunFolder,
    events: EventLog,
    progress: Progress,
    tensorboard: Option<TensorBoard>,
    interrupt: Interrupt,
    keep: usize,
    best_metric: Option<String>,
    /// Which checkpoints may be the best.
    schedule: Option<Schedule>,
    /// The last evaluation; the checkpoint of its step may be the best.
    evaluated: Option<Best>,
    images_per_step: usize,
    class_names: Vec<String>,
    started: Instant,
    last_step: (u64, Instant),
    /// What is shown while the first steps compile their kernels, and the step that ends it.
    compiling: Option<(Compiling, u64)>,
}

/// Settings of a recorder.
pub struct RecorderOptions {
    /// Checkpoints to keep; 0 keeps all.
    pub keep: usize,
    /// The metric of `best.json`, if one was asked for; a resumed run keeps to its own.
    pub best_metric: Option<String>,
    /// Real images per step.
    pub images_per_step: usize,
    /// Names of the manual classes.
    pub class_names: Vec<String>,
    /// Whether to write TensorBoard's event files.
    pub tensorboard: bool,
}

impl Recorder {
    /// A recorder of a run whose folder exists, from `first_step` on. It mends the folder, so no other process may be
    /// training this run.
    ///
    /// # Errors
    /// If the folder cannot be mended, or the events cannot be opened for writing.
    pub fn new(
        folder: RunFolder,
        options: RecorderOptions,
        progress: Progress,
        interrupt: Interrupt,
        first_step: u64,
    ) -> Result<Self> {
        let mended = folder.mend(first_step, options.best_metric.as_deref())?;
        mended.notes.iter().for_each(|note| progress.warn(&format!("warning: {note}")));
        let tensorboard = options.tensorboard.then(|| TensorBoard::create(&folder.path)).transpose()?;
        Ok(Self {
            events: EventLog::open(&folder.events_path())?,
            folder,
            progress,
            tensorboard,
            interrupt,
            keep: options.keep,
            best_metric: mended.best_metric,
            schedule: None,
            evaluated: None,
            images_per_step: options.images_per_step,
            class_names: options.class_names,
            started: Instant::now(),
            last_step: (first_step, Instant::now()),
            compiling: None,
        })
    }

    /// Removes the progress line.
    pub fn finish(&mut self) {
        self.compiling = None;
        self.progress.clear();
    }

    /// Takes an event.
    ///
    /// # Errors
    /// If something cannot be written, or the device has failed.
    pub fn record(&mut self, event: Event) -> Result<()> {
        let extra = match &event {
            Event::Started(started) => {
                // The runtime lags behind by less than a step.
                self.compiling = self.progress.compiling().map(|compiling| (compiling, started.step + 2));
                self.started(&started.config)
            }
            Event::Step(figures) => self.step(figures)?,
            Event::Samples(samples) => self.samples(samples)?,
            Event::Evaluated(evaluated) => self.evaluated(evaluated)?,
            Event::Checkpoint(checkpoint) => self.checkpoint(checkpoint)?,
            Event::Warning(warning) => {
                self.progress.warn(&format!(
                    "warning at step {} ({}): {}. {} {}",
                    warning.step, warning.kind, warning.seen, warning.meaning, warning.advice
                ));
                json!({})
            }
            Event::Finished { .. } => json!({ "seconds": self.seconds() }),
        };
        self.events.append(&line(&event, extra)?)?;
        self.show(TensorBoard::flush);
        Ok(())
    }

    /// Takes the time between two steps, and returns whether the run was asked to stop.
    pub fn turn(&mut self, state: &State) -> bool {
        if self.compiling.as_ref().is_some_and(|(_, last)| state.step >= *last) {
            self.compiled();
        }
        self.interrupt.requested()
    }

    fn compiled(&mut self) {
        if let Some(text) = self.compiling.take().and_then(|(compiling, _)| compiling.done()) {
            self.progress.note(&text);
        }
    }

    fn started(&mut self, config: &Config) -> Value {
        self.schedule = Some(Schedule::of(config));
        match &self.best_metric {
            Some(metric) => json!({ "class_names": self.class_names, "best": metric }),
            None => json!({ "class_names": self.class_names }),
        }
    }

    fn step(&mut self, figures: &StepFigures) -> Result<Value> {
        self.compiled();
        let now = Instant::now();
        let (last_step, last_time) = self.last_step;
        let images = (figures.step - last_step) as f64 * self.images_per_step as f64;
        let images_per_second = images / now.duration_since(last_time).as_secs_f64().max(1e-9);
        self.last_step = (figures.step, now);
        self.progress.update(figures, images_per_second);
        self.scalars(figures.step, "train", &serde_json::to_value(figures)?);
        Ok(json!({ "images_per_second": images_per_second, "seconds": self.seconds() }))
    }

    fn samples(&mut self, samples: &Samples) -> Result<Value> {
        let name = RunFolder::samples_name(samples.step);
        let png = samples.grid.png();
        atomic::write_file(&self.folder.path.join(&name), &png)?;
        let (width, height) = (samples.grid.width as u32, samples.grid.height as u32);
        self.show(|board| board.image("samples", samples.step, &png, width, height));
        Ok(json!({ "path": name }))
    }

    fn evaluated(&mut self, evaluated: &Evaluated) -> Result<Value> {
        let figures = serde_json::to_value(evaluated)?;
        self.progress.note(&summary(evaluated));
        self.scalars(evaluated.step, "held_out", &figures);
        let offered = |metric: &String| Some(Best::new(metric, figures.get(metric)?.as_f64()?, evaluated.step));
        self.evaluated = self.best_metric.as_ref().and_then(offered);
        Ok(json!({ "seconds": self.seconds() }))
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<Value> {
        let step = checkpoint.step;
        // What a device that has failed computed cannot be trusted.
        if let Some(fault) = device::fault() {
            return Err(fault.into());
        }
        // The evaluation of this step must survive what the checkpoint survives.
        self.events.sync()?;
        self.folder.save(step, &checkpoint.files)?;
        let is_due = self.schedule.is_some_and(|schedule| schedule.saves(step));
        if let Some(best) = self.evaluated.take_if(|best| best.step == step && is_due) {
            self.folder.offer_best(&best)?;
        }
        self.folder.prune(self.keep)?;
        Ok(json!({ "path": RunFolder::checkpoint_name(step) }))
    }

    fn scalars(&mut self, step: u64, group: &str, figures: &Value) {
        for (name, value) in figures.as_object().into_iter().flatten().filter(|(name, _)| *name != "step") {
            if let Some(value) = value.as_f64() {
                self.show(|board| board.scalar(&format!("{group}/{name}"), step, value));
            }
        }
    }

    /// Writes to TensorBoard, if it is wanted. It only watches: at the first failure it is left out, with a warning.
    fn show(&mut self, write: impl FnOnce(&mut TensorBoard) -> Result<()>) {
        if let Some(Err(error)) = self.tensorboard.as_mut().map(write) {
            self.progress.warn(&format!("warning: {error:#}; the run goes on without TensorBoard"));
            self.tensorboard = None;
        }
    }

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// One line of `events.jsonl` without its last brace: `"event"`, then the library's fields, then those that the shell
/// adds. The log adds the last one, the seal.
fn line(event: &Event, extra: Value) -> Result<String> {
    let mut line = serde_json::to_string(event)?;
    line.pop();
    for (name, value) in extra.as_object().into_iter().flatten() {
        line.push_str(&format!(",{}:{value}", Value::String(name.clone())));
    }
    Ok(line)
}

fn summary(evaluated: &Evaluated) -> String {
    let percent = |name: &str, value: Option<f64>| value.map(|value| format!("{name} {:.1} %", 100.0 * value));
    let worst = evaluated.generated.as_ref().and_then(GeneratedFigures::worst_row);
    let worst = percent("worst row", worst).map_or_else(String::new, |worst| format!(" ({worst})"));
    let parts = [
        percent("accuracy", evaluated.accuracy),
        percent("clustering accuracy", evaluated.clustering_accuracy),
        percent("gate coverage", evaluated.gate_coverage),
        percent("gate precision", evaluated.gate_precision),
        percent("generated agreement", evaluated.generated_agreement).map(|agreement| agreement + &worst),
        evaluated.frechet_judge.map(|distance| format!("Frechet distance (judge) {distance:.2}")),
    ];
    let figures: Vec<String> = parts.into_iter().flatten().collect();
    let figures = if figures.is_empty() { "nothing to measure".to_owned() } else { figures.join(", ") };
    format!("step {}, held out: {figures}", evaluated.step)
}
