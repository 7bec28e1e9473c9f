//! A training run, as the page steers it.

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
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Outcome, bundle, train};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::controls::Controls;
use crate::files::Files;
use crate::model::{About, Model, Snapshot};
use crate::sentence::sentence;
use crate::shell::PageShell;
use crate::{archive, device, settings};

/// A run: its task, its state, and what the page wants of it.
#[wasm_bindgen]
pub struct Run {
    task: RefCell<Rc<Task>>,
    /// None while it is being trained.
    state: RefCell<Option<State>>,
    controls: Rc<Controls>,
    saved: RefCell<Option<(u64, CheckpointFiles)>>,
    /// Numbers that are trained, in all networks.
    parameters: usize,
}

#[wasm_bindgen]
impl Run {
    /// A new run of settings, lines `KEY=VALUE`. `files` are needed where the data are files.
    ///
    /// # Errors
    /// If a setting is wrong, a file is bad, or settings and data do not fit; the key or the file is named.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, files: Option<Files>) -> Result<Self, JsError> {
        let config = settings::configuration(settings)?;
        let data = settings::load(&config, files)?;
        let task = Task::new(config, data).map_err(sentence)?;
        let device = device::opened()?.device;
        let state = State::new(&task.config, &task.architecture(), &device);
        Ok(Self::of(task, state, None, &device))
    }

    /// A run that goes on from a checkpoint's two files. Settings may change `steps` and `report.*`.
    ///
    /// # Errors
    /// As for a new run, and if the checkpoint is damaged or of other data.
    pub fn resume(header: Vec<u8>, tensors: Vec<u8>, settings: &str, files: Option<Files>) -> Result<Self, JsError> {
        let found = checkpoint::read_header(&header).map_err(sentence)?;
        let config = settings::changed(&found.config, settings)?;
        let differences = resume_differences(&found.config, &config);
        if !differences.is_empty() {
            let keys = differences.join(", ");
            return Err(JsError::new(&format!("a run that goes on may not change {keys}")));
        }
        let task = fitting(config, settings::load(&found.config, files)?, &found)?;
        let device = device::opened()?.device;
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

    /// What the run is, as JSON.
    pub fn facts(&self) -> String {
        let task = self.task.borrow().clone();
        let settings: Map<String, Value> = entries(&task.config).into_iter().collect();
        let facts = json!({
            "step": self.step_done(),
            "steps": task.config.steps,
            "labels": task.subject.label_count,
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

    /// Trains until the last step, or until it is stopped. `listener` gets events as JSON, with their bytes. Resolves to
    /// `finished` or `stopped`.
    ///
    /// # Errors
    /// If a loss is not finite, the device fails, or the run is being trained already.
    pub async fn train(&self, listener: Function) -> Result<String, JsError> {
        let taken = self.state.borrow_mut().take();
        let mut state = taken.ok_or_else(|| JsError::new("this run is being trained already"))?;
        let outcome = self.train_stretches(&mut state, &listener).await;
        self.state.replace(Some(state));
        Ok(match outcome? {
            Outcome::Finished => "finished".to_owned(),
            Outcome::Stopped => "stopped".to_owned(),
        })
    }

    /// Between the steps of one configuration and those of the next, the run is saved.
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

    /// Goes on after a pause.
    pub fn go(&self) {
        self.controls.go();
    }

    /// Ends the training within a step; the state stays and is saved.
    pub fn stop(&self) {
        self.controls.stop();
    }

    /// One step, and then a pause.
    pub fn step(&self) {
        self.controls.step();
    }

    /// Asks for a `checkpoint` event.
    pub fn save(&self) {
        self.controls.save();
    }

    /// New values from the next step on.
    ///
    /// # Errors
    /// If they are wrong, or would need other networks, data or latents; nothing is changed then.
    pub fn change(&self, settings: &str) -> Result<(), JsError> {
        let task = self.task.borrow().clone();
        let pending = self.controls.changed.borrow().clone();
        let config = settings::changed(&pending.unwrap_or_else(|| task.config.clone()), settings)?;
        let differences = live_differences(&task.config, &config);
        if !differences.is_empty() {
            let keys = differences.join(", ");
            return Err(JsError::new(&format!("{keys}: cannot change while a run goes on; reset it first")));
        }
        task.with_config(config.clone()).map_err(sentence)?;
        if self.state.borrow().is_some() {
            return self.adopt(&config);
        }
        self.controls.change(config);
        Ok(())
    }

    /// The run folder of a checkpoint as a `.tar`, which `slgan train --resume` goes on with; `events` are the lines of
    /// its `events.jsonl`.
    ///
    /// # Errors
    /// If `header` is no checkpoint's header.
    pub fn archive(&self, header: &[u8], tensors: &[u8], events: Option<String>) -> Result<Vec<u8>, JsError> {
        let found = checkpoint::read_header(header).map_err(sentence)?;
        archive::pack(&found, header, tensors, &events.unwrap_or_default())
    }

    /// The bundle of the last state that was saved, as `slgan export` writes it.
    ///
    /// # Errors
    /// If nothing was saved yet.
    pub async fn bundle(&self) -> Result<Vec<u8>, JsError> {
        let saved = self.saved.borrow().clone();
        let (_, files) = saved.ok_or_else(|| JsError::new("nothing is saved yet: train a step first"))?;
        let header = checkpoint::read_header(&files.header).map_err(sentence)?;
        let device = Device::flex();
        let fresh = State::new(&header.config, &self.task.borrow().architecture(), &device);
        let state = checkpoint::restore(fresh, &header, &files.tensors, &device).map_err(sentence)?;
        bundle::write(&state, &header).await.map_err(sentence)
    }

    /// The averaged networks as they are now.
    ///
    /// # Panics
    /// Never: a run has them from its beginning.
    pub fn model(&self) -> Model {
        let snapshot = self.controls.snapshot.borrow().clone();
        Model::new(snapshot.expect("a run is made with a snapshot"))
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

/// A task for data that must be those of a checkpoint.
fn fitting(config: Config, data: Dataset, header: &Header) -> Result<Task, JsError> {
    let task = Task::new(config, data).map_err(sentence)?;
    if task.subject != header.subject {
        let message = format!("the checkpoint was trained on {}, but the data are {}", header.subject, task.subject);
        return Err(JsError::new(&message));
    }
    Ok(task)
}
