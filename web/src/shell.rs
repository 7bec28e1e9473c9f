//! The page as the shell of a run: it turns events into JSON and bytes, and lets the browser run between steps.

use std::error::Error;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use serde_json::{Value, json};
use slgan::train::checkpoint::CheckpointFiles;
use slgan::train::event::Event;
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::controls::Controls;
use crate::model::{About, Snapshot};
use crate::pixels::rgba;

/// Milliseconds between two heartbeats.
const TURN_INTERVAL_MS: f64 = 100.0;

/// Passes events to the page's listener, and does what the page's controls request.
pub struct PageShell<'a> {
    about: Rc<About>,
    controls: Rc<Controls>,
    listener: &'a Function,
    /// The newest saved state, with its step.
    pub saved: Option<(u64, CheckpointFiles)>,
    last_turn_ms: f64,
    step: u64,
}

impl<'a> PageShell<'a> {
    pub fn new(
        about: Rc<About>,
        controls: Rc<Controls>,
        listener: &'a Function,
        saved: Option<(u64, CheckpointFiles)>,
    ) -> Self {
        Self { about, controls, listener, saved, last_turn_ms: f64::NEG_INFINITY, step: 0 }
    }

    fn emit(&self, event: &Value, bytes: &[&[u8]]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let arguments = js_sys::Array::of1(&event.to_string().into());
        for bytes in bytes {
            arguments.push(&Uint8Array::from(*bytes));
        }
        let answer = self.listener.apply(&JsValue::NULL, &arguments);
        answer.map(drop).map_err(|error| format!("the page could not take an event: {error:?}").into())
    }

    fn emit_checkpoint(&self, step: u64, files: &CheckpointFiles) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.emit(&json!({ "event": "checkpoint", "step": step }), &[&files.header, &files.tensors])
    }

    /// Sends a heartbeat now and then, and lets the browser run.
    async fn give_turn(&mut self) {
        self.emit_turn();
        give_turn().await;
    }

    fn emit_turn(&mut self) {
        let now = now_ms();
        if now - self.last_turn_ms >= TURN_INTERVAL_MS {
            self.last_turn_ms = now;
            // If the page cannot take this, the next event fails too and reports it.
            let _ = self.emit(&json!({ "event": "turn", "step": self.step }), &[]);
        }
    }
}

impl Shell for PageShell<'_> {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut line = serde_json::to_value(&event)?;
        match event {
            Event::Samples(samples) => {
                line["width"] = samples.grid.width.into();
                line["height"] = samples.grid.height.into();
                self.emit(&line, &[&rgba(&samples.grid)])
            }
            Event::Evaluated(evaluated) => {
                line["confusion_counts"] = json!(evaluated.confusion.as_ref().map(|table| table.rows()));
                self.emit(&line, &[])
            }
            Event::Checkpoint(checkpoint) => {
                self.emit_checkpoint(checkpoint.step, &checkpoint.files)?;
                self.saved = Some((checkpoint.step, checkpoint.files));
                Ok(())
            }
            _ => self.emit(&line, &[]),
        }
    }

    async fn turn(&mut self, state: &State) -> Control {
        self.controls.snapshot.replace(Some(Rc::new(Snapshot::new(state, Rc::clone(&self.about)))));
        self.step = state.step;
        self.give_turn().await;
        if let Some((step, files)) = &self.saved
            && *step == state.step
            && self.controls.takes_save()
        {
            // The loop never saves a step twice, but the page has requested this one.
            let _ = self.emit_checkpoint(*step, files);
        }
        self.controls.next().await
    }

    async fn breathe(&mut self) {
        self.give_turn().await;
    }
}

/// Lets the worker handle its messages. A timer would wait for milliseconds; a message port does not.
pub async fn give_turn() {
    thread_local! {
        static CHANNEL: Option<(JsValue, JsValue)> = channel();
    }
    let Some((receiver, sender)) = CHANNEL.with(Clone::clone) else { return };
    let promise = Promise::new(&mut |resolve, _reject| {
        let _ = Reflect::set(&receiver, &"onmessage".into(), &resolve);
        let post = Reflect::get(&sender, &"postMessage".into()).and_then(JsCast::dyn_into::<Function>);
        let _ = post.and_then(|post| post.call1(&sender, &JsValue::NULL));
    });
    let _ = JsFuture::from(promise).await;
}

/// The two ports of a message channel.
fn channel() -> Option<(JsValue, JsValue)> {
    let constructor: Function = Reflect::get(&js_sys::global(), &"MessageChannel".into()).ok()?.dyn_into().ok()?;
    let channel = Reflect::construct(&constructor, &js_sys::Array::new()).ok()?;
    let port = |name: &str| Reflect::get(&channel, &name.into()).ok();
    Some((port("port1")?, port("port2")?))
}

/// A clock in milliseconds, only for heartbeats.
fn now_ms() -> f64 {
    js_sys::Date::now()
}
