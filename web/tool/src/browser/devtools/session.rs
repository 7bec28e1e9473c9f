//! A page in Chromium, over a connection of the DevTools protocol.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::connection::{Connection, Word};
use super::launch;
use super::watch::{self, Watch};
use crate::browser::process::Process;

/// A page in a Chromium of its own.
pub struct DevTools {
    pub(super) connection: Connection,
    session: String,
    pub(super) watch: Watch,
    /// The visitor's preferences that differ from the machine's.
    media: Vec<(String, String)>,
    _process: Process,
}

impl DevTools {
    /// Starts Chromium with an empty page, with or without WebGPU.
    ///
    /// # Errors
    /// If it does not start before the deadline.
    pub fn start(webgpu: bool, downloads: &Path, deadline: Instant) -> Result<Self> {
        let (process, port, path) = launch::start(webgpu, deadline)?;
        let connection = Connection::open(port, &path, deadline)?;
        let mut page =
            Self { connection, session: String::new(), watch: Watch::default(), media: Vec::new(), _process: process };
        page.attach(downloads)?;
        Ok(page)
    }

    fn attach(&mut self, downloads: &Path) -> Result<()> {
        let downloads = json!({ "behavior": "allow", "downloadPath": downloads });
        self.call("Browser.setDownloadBehavior", &downloads)?;
        let targets = self.call("Target.getTargets", &json!({}))?;
        let targets = targets["targetInfos"].as_array().context("no targets")?;
        let target = targets.iter().find(|target| target["type"] == "page").context("the browser has no page")?;
        let attached =
            self.call("Target.attachToTarget", &json!({ "targetId": target["targetId"], "flatten": true }))?;
        self.session = attached["sessionId"].as_str().context("no session")?.to_owned();
        for domain in ["Page", "Runtime", "Log"] {
            self.call(&format!("{domain}.enable"), &json!({}))?;
        }
        // A worker waits until it is watched.
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        self.call("Target.setAutoAttach", &attach)?;
        Ok(())
    }

    /// Sends a command to the page and returns the result.
    ///
    /// # Errors
    /// If the browser refuses it, or does not answer in time.
    pub fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        let session = self.session.clone();
        self.call_in(&session, method, params)
    }

    fn call_in(&mut self, session: &str, method: &str, params: &Value) -> Result<Value> {
        let command = self.connection.send(session, method, params)?;
        loop {
            match self.connection.receive()? {
                Word::Answer { id, outcome } if id == command => {
                    return outcome.map_err(|complaint| anyhow::anyhow!("{method}: {complaint}"));
                }
                // The answer to a command that nobody waits for.
                Word::Answer { .. } => {}
                Word::Event { session, method, params } => self.on_event(&session, &method, &params)?,
            }
            if self.watch.crashed {
                bail!("the page crashed");
            }
        }
    }

    /// Records an event, and answers if the browser waits for us.
    fn on_event(&mut self, session: &str, method: &str, params: &Value) -> Result<()> {
        self.watch.on_event(method, params);
        match method {
            "Target.attachedToTarget" if params["targetInfo"]["type"] == "worker" => {
                self.let_worker_start(&params["sessionId"])
            }
            "Page.javascriptDialogOpening" => {
                self.connection.send(session, "Page.handleJavaScriptDialog", &json!({ "accept": true })).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn let_worker_start(&mut self, session: &Value) -> Result<()> {
        let session = session.as_str().context("a worker without a session")?;
        for method in ["Runtime.enable", "Log.enable", "Runtime.runIfWaitingForDebugger"] {
            self.connection.send(session, method, &json!({}))?;
        }
        Ok(())
    }

    /// The value of an expression in the page. Waits for promises.
    ///
    /// # Errors
    /// What it throws.
    pub fn evaluate_in_page(&mut self, expression: &str) -> Result<Value> {
        let session = self.session.clone();
        self.evaluate_in(&session, expression)
    }

    /// The value of an expression in the page's newest worker.
    ///
    /// # Errors
    /// What it throws, or if there is no worker.
    pub fn evaluate_in_worker(&mut self, expression: &str) -> Result<Value> {
        let session = self.watch.workers.last().context("the page has no worker")?.clone();
        self.evaluate_in(&session, expression)
    }

    fn evaluate_in(&mut self, session: &str, expression: &str) -> Result<Value> {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let outcome = self.call_in(session, "Runtime.evaluate", &params)?;
        match watch::exception(&outcome["exceptionDetails"]) {
            Some(exception) => bail!("{expression}: {exception}"),
            None => Ok(outcome["result"]["value"].clone()),
        }
    }

    /// Emulates a visitor's preference, such as `prefers-color-scheme: dark`.
    ///
    /// # Errors
    /// If the browser does not know it.
    pub fn emulate_media(&mut self, feature: &str, value: &str) -> Result<()> {
        self.media.retain(|(name, _)| name != feature);
        self.media.push((feature.to_owned(), value.to_owned()));
        let features: Vec<Value> =
            self.media.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }
}
