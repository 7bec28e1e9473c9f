//! A page in a browser, for tests. It collects errors in the page and in its workers.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::connection::{Connection, Word};
use super::launch::Process;
use super::watch::{self, Watch};

/// The time between two checks while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A page in a browser of its own.
pub struct Page {
    connection: Connection,
    session: String,
    watch: Watch,
    /// Where downloads go.
    pub(super) downloads: PathBuf,
    /// The visitor's preferences that differ from the machine's.
    media: Vec<(String, String)>,
    _process: Process,
}

/// How to start a browser.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Whether it has WebGPU, on a software adapter.
    pub webgpu: bool,
    /// Where downloads go.
    pub downloads: &'a Path,
    /// After this moment, waiting fails.
    pub deadline: Instant,
}

impl Page {
    /// Starts a browser with an empty page.
    ///
    /// # Errors
    /// If there is no browser, or it does not start.
    pub fn start(options: Options) -> Result<Self> {
        let mut process = Process::start(options.webgpu)?;
        let (port, path) = process.address(options.deadline)?;
        let connection = Connection::open(port, &path, options.deadline)?;
        let mut page = Self {
            connection,
            session: String::new(),
            watch: Watch::default(),
            downloads: options.downloads.to_owned(),
            media: Vec::new(),
            _process: process,
        };
        page.attach()?;
        Ok(page)
    }

    fn attach(&mut self) -> Result<()> {
        let downloads = json!({ "behavior": "allow", "downloadPath": self.downloads });
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

    /// Allows waiting until this moment.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.connection.deadline = deadline;
    }

    /// The messages of all errors in the page and its workers so far.
    pub fn problems(&mut self) -> &mut Vec<String> {
        &mut self.watch.problems
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

    /// Opens an address.
    ///
    /// # Errors
    /// If it cannot be loaded.
    pub fn navigate(&mut self, address: &str) -> Result<()> {
        let outcome = self.call("Page.navigate", &json!({ "url": address }))?;
        match outcome["errorText"].as_str() {
            Some(error) => bail!("{address}: {error}"),
            None => Ok(()),
        }
    }

    /// The value of an expression in the page. Waits for promises.
    ///
    /// # Errors
    /// What it throws.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
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

    /// Waits until an expression is truthy, and returns its value.
    ///
    /// # Errors
    /// What it throws, or as [`Page::rest`].
    pub fn wait_for(&mut self, what: &str, expression: &str) -> Result<Value> {
        loop {
            let value = self.evaluate(expression)?;
            if is_truthy(&value) {
                return Ok(value);
            }
            self.rest(what)?;
        }
    }

    /// Lets some time pass while waiting for something.
    ///
    /// # Errors
    /// If this takes too long, or the page already has an error.
    pub fn rest(&self, what: &str) -> Result<()> {
        ensure!(self.watch.problems.is_empty(), "errors in the page while waiting for {what}");
        ensure!(Instant::now() < self.connection.deadline, "timed out waiting for {what}");
        thread::sleep(LOOK_EVERY);
        Ok(())
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

    /// The visible page as a PNG file, or with `whole` the entire page.
    ///
    /// # Errors
    /// If the browser cannot draw it.
    pub fn screenshot(&mut self, whole: bool) -> Result<Vec<u8>> {
        let shot = self.call("Page.captureScreenshot", &json!({ "captureBeyondViewport": whole }))?;
        Ok(BASE64_STANDARD.decode(shot["data"].as_str().context("no picture")?)?)
    }
}

fn is_truthy(value: &Value) -> bool {
    !(value.is_null() || *value == false || *value == "" || value.as_f64() == Some(0.0))
}
