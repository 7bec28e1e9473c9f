//! A training run that the page controls.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;
use js_sys::Function;
use serde_json::{Map, Value, json};
use slgan::config::{Config, entries, live_differences, resume_differences};
use slgan::data::Dataset;
use slgan::nn::parameters;
use slgan::train::checkpoint::{self, CheckpointFiles, Header};
use slgan::train::generation::shown_labels;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Outcome, bundle, train};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::controls::Controls;
use crate::device::Opened;
use crate::files::Files;
use crate::model::{About, Model, Snapshot};
use crate::sentence::sentence;
use crate::shell::PageShell;
use crate::{archive, device, settings};

/// A run: its task, its state, and the page's requests.
#[wasm_bindgen]
pub struct Run {
    task: RefCell<Rc<Task>>,
    /// None during training.
    state: RefCell<Option<State>>,
    controls: Rc<Controls>,
    saved: RefCell<Option<(u64, CheckpointFiles)>>,
    /// Trained parameters of all networks.
    parameters: usize,
}

#[wasm_bindgen]
impl Run {
    /// A new run from settings, a JSON list of pairs of a key and a value. Needs `files` unless the data set is drawn.
    ///
    /// # Errors
    /// If a setting is wrong, a file is bad, or settings and data do not fit. Names the key or the file.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, files: Option<Files>) -> Result<Self, JsError> {
        let config = settings::configuration(settings)?;
        let data = settings::load(&config, files)?;
        let Opened { device, class, .. } = device::opened()?;
        let task = Task::new(config, data).map_err(sentence)?.on(class);
        let state = State::new(&task.config, &task.architecture(), &device);
        Ok(Self::of(task, state, None, &device))
    }

    /// A run that continues from a checkpoint's two files. Settings may change `steps` and `report.*`.
    ///
    /// # Errors
    /// As for a new run, and if the checkpoint is damaged or from other data.
    pub fn resume(header: Vec<u8>, tensors: Vec<u8>, settings: &str, files: Option<Files>) -> Result<Self, JsError> {
        let found = checkpoint::read_header(&header).map_err(sentence)?;
        let config = settings::changed(&found.config, settings)?;
        let differences = resume_differences(&found.config, &config);
        if !differences.is_empty() {
            let keys = differences.join(", ");
            return Err(JsError::new(&format!("a resumed run may not change {keys}")));
        }
        let Opened { device, class, .. } = device::opened()?;
        let task = fitting(config, settings::load(&found.config, files)?, &found)?.on(class);
        let fresh = State::new(&task.config, &task.architecture(), &device);
        let state = checkpoint::restore(fresh, &found, &tensors, &device).map_err(sentence)?;
        let saved = (found.step, CheckpointFiles { tensors, header });
        Ok(Self::of(task, state, Some(saved), &device))
    }

    fn of(task: Task, state: State, saved: Option<(u64, CheckpointFiles)>, device: &Device) -> Self {
        let controls = Rc::new(Controls::default());
        controls.snapshot.replace(Some(Rc::new(Snapshot::new(&state, About::task(&task, device)))));
        Self {
            parameters: parameters(&state),
            task: RefCell::new(Rc::new(task)),
            state: RefCell::new(Some(state)),
            controls,
            saved: RefCell::new(saved),
        }
    }

    /// Facts about the run, as JSON.
    pub fn facts(&self) -> String {
        let task = self.task.borrow().clone();
        let settings: Map<String, Value> = entries(&task.config).into_iter().collect();
        let facts = json!({
            "step": self.step_done(),
            "steps": task.config.steps,
            "labels": task.subject.label_count,
            "shown": shown_labels(task.subject.label_count),
            "class_names": task.subject.class_names,
            "labels_per_class": task.subject.cells.map(|cells| cells.per_class),
            "image": task.subject.image,
            "data": task.subject.data,
            "train_images": task.data.train.len(),
            "test_images": task.data.test.len(),
            "labelled_images": task.manual.iter().flatten().count(),
            "notes": task.data.notes,
            "settings": settings,
            "parameters": self.parameters,
        });
        facts.to_string()
    }

    /// Trains until the last step or until `stop`. `listener` gets events as JSON, with their bytes. Resolves to
    /// `finished` or `stopped`.
    ///
    /// # Errors
    /// If a loss is not finite, the device fails, or the run is already training.
    pub async fn train(&self, listener: Function) -> Result<String, JsError> {
        let taken = self.state.borrow_mut().take();
        let mut state = taken.ok_or_else(|| JsError::new("this run is already training"))?;
        let outcome = self.train_stretches(&mut state, &listener).await;
        self.state.replace(Some(state));
        Ok(match outcome? {
            Outcome::Finished => "finished".to_owned(),
            Outcome::Stopped => "stopped".to_owned(),
        })
    }

    /// Saves the run between the steps of one configuration and those of the next.
    async fn train_stretches(&self, state: &mut State, listener: &Function) -> Result<Outcome, JsError> {
        let opened = device::opened()?;
        self.controls.begin();
        loop {
            let task = self.task.borrow().clone();
            let saved = self.saved.borrow().clone();
            let about = About::task(&task, &opened.device);
            let mut shell = PageShell::new(Rc::clone(&about), Rc::clone(&self.controls), listener, saved);
            let result = train(&task, state, &opened.device, &opened.name, None, &mut shell).await;
            self.saved.replace(shell.saved);
            self.controls.snapshot.replace(Some(Rc::new(Snapshot::new(state, about))));
            let outcome = result.map_err(sentence)?;
            match self.controls.changed.take() {
                Some(config) => self.adopt(&config)?,
                None => return Ok(outcome),
            }
        }
    }

    /// Pauses within a step.
    pub fn pause(&self) {
        self.controls.pause();
    }

    /// Continues after a pause.
    pub fn go(&self) {
        self.controls.go();
    }

    /// Ends training within a step; saves and keeps the state.
    pub fn stop(&self) {
        self.controls.stop();
    }

    /// Trains one step, then pauses.
    pub fn step(&self) {
        self.controls.step();
    }

    /// Requests a `checkpoint` event.
    pub fn save(&self) {
        self.controls.save();
    }

    /// Applies new values from the next step on.
    ///
    /// # Errors
    /// If they are wrong, or need other networks, data or latents; then nothing changes.
    pub fn change(&self, settings: &str) -> Result<(), JsError> {
        let task = self.task.borrow().clone();
        let pending = self.controls.changed.borrow().clone();
        let config = settings::changed(&pending.unwrap_or_else(|| task.config.clone()), settings)?;
        let differences = live_differences(&task.config, &config);
        if !differences.is_empty() {
            let keys = differences.join(", ");
            return Err(JsError::new(&format!("{keys}: cannot change during a run; reset it first")));
        }
        task.with_config(config.clone()).map_err(sentence)?;
        if self.state.borrow().is_some() {
            return self.adopt(&config);
        }
        self.controls.change(config);
        Ok(())
    }

    /// The run folder of a checkpoint as a `.tar`, which `slgan train --resume` can continue. `events` are the lines of
    /// its `events.jsonl`.
    ///
    /// # Errors
    /// If `header` is not the header of a checkpoint.
    pub fn archive(&self, header: &[u8], tensors: &[u8], events: Option<String>) -> Result<Vec<u8>, JsError> {
        let found = checkpoint::read_header(header).map_err(sentence)?;
        archive::pack(&found, header, tensors, &events.unwrap_or_default())
    }

    /// The bundle of the last state that was saved, as `slgan export` writes it.
    ///
    /// # Errors
    /// If nothing has been saved yet.
    pub async fn bundle(&self) -> Result<Vec<u8>, JsError> {
        let saved = self.saved.borrow().clone();
        let (_, files) = saved.ok_or_else(|| JsError::new("nothing has been saved yet: train a step first"))?;
        let header = checkpoint::read_header(&files.header).map_err(sentence)?;
        let device = Device::flex();
        let fresh = State::new(&header.config, &self.task.borrow().architecture(), &device);
        let state = checkpoint::restore(fresh, &header, &files.tensors, &device).map_err(sentence)?;
        bundle::write(&state, &header).await.map_err(sentence)
    }

    /// The averaged networks as they are now.
    ///
    /// # Panics
    /// Never: a run has them from the start.
    pub fn model(&self) -> Model {
        let snapshot = self.controls.snapshot.borrow().clone();
        Model::new(Rc::new(snapshot.expect("a run is made with a snapshot").apart()))
    }

    fn adopt(&self, config: &Config) -> Result<(), JsError> {
        let task = self.task.borrow().with_config(config.clone()).map_err(sentence)?;
        self.task.replace(Rc::new(task));
        Ok(())
    }

    fn step_done(&self) -> u64 {
        self.controls.snapshot.borrow().as_ref().map_or(0, |snapshot| snapshot.step())
    }
}

fn parameters(state: &State) -> usize {
    let count =
        |shapes: BTreeMap<String, Vec<usize>>| shapes.values().map(|shape| shape.iter().product::<usize>()).sum();
    let counts: [usize; 3] = [
        count(parameters::shapes(&state.generator.network)),
        count(parameters::shapes(&state.discriminator.network)),
        count(parameters::shapes(&state.classifier.network)),
    ];
    counts.into_iter().sum()
}

/// A task for a checkpoint, whose data must match.
fn fitting(config: Config, data: Dataset, header: &Header) -> Result<Task, JsError> {
    let task = Task::new(config, data).map_err(sentence)?;
    if task.subject != header.subject {
        let message = format!("the checkpoint was trained on {}, but the data are {}", header.subject, task.subject);
        return Err(JsError::new(&message));
    }
    Ok(task)
}
