//! The page's requests to a run in progress. The loop reads them between steps, so all take effect within one step.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise};
use slgan::config::Config;
use slgan::train::shell::Control;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::model::Snapshot;

/// The page's requests, and what it may look at.
#[derive(Default)]
pub struct Controls {
    is_paused: Cell<bool>,
    stops: Cell<bool>,
    saves: Cell<bool>,
    /// Single steps still to do although the run is paused.
    single_steps: Cell<u32>,
    /// Whether the run did a single step and should report its figures.
    logs: Cell<bool>,
    /// Values for the next steps.
    pub changed: RefCell<Option<Config>>,
    /// The averaged networks as they are now.
    pub snapshot: RefCell<Option<Rc<Snapshot>>>,
    /// Ends the wait of a paused run.
    wake: RefCell<Option<Function>>,
}

impl Controls {
    pub fn pause(&self) {
        self.is_paused.set(true);
    }

    pub fn go(&self) {
        self.is_paused.set(false);
        self.wake();
    }

    pub fn stop(&self) {
        self.stops.set(true);
        self.wake();
    }

    pub fn save(&self) {
        self.saves.set(true);
        self.wake();
    }

    pub fn step(&self) {
        self.is_paused.set(true);
        self.single_steps.set(self.single_steps.get() + 1);
        self.wake();
    }

    pub fn change(&self, config: Config) {
        self.changed.replace(Some(config));
        self.wake();
    }

    /// Clears requests to an earlier stretch of the run, except a pause.
    pub fn begin(&self) {
        self.stops.set(false);
    }

    /// Whether the page waits for a state although this step has already been saved.
    pub fn takes_save(&self) -> bool {
        self.saves.take()
    }

    /// What the run should do next. Waits for the page if the run is paused.
    pub async fn next(&self) -> Control {
        if self.stops.get() || self.changed.borrow().is_some() {
            return Control::Stop;
        }
        if self.saves.take() {
            return Control::Save;
        }
        if self.logs.take() {
            return Control::Log;
        }
        if !self.is_paused.get() {
            return Control::Continue;
        }
        match self.single_steps.get().checked_sub(1) {
            Some(left) => {
                self.single_steps.set(left);
                self.logs.set(true);
                Control::Continue
            }
            None => {
                self.wait().await;
                Control::Pause
            }
        }
    }

    fn wake(&self) {
        if let Some(wake) = self.wake.take() {
            let _ = wake.call0(&JsValue::NULL);
        }
    }

    async fn wait(&self) {
        let promise = Promise::new(&mut |resolve, _reject| {
            self.wake.replace(Some(resolve));
        });
        let _ = JsFuture::from(promise).await;
    }
}
