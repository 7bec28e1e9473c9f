//! Browsers that are driven over the WebDriver standard: <https://www.w3.org/TR/webdriver2/>.
//!
//! The standard shows no errors of the page, so the tests' server puts a script before all others that collects them
//! in `slganProblems`. Every answer of [`WebDriver::evaluate`] brings what it has collected.

mod firefox;
mod http;
mod marionette;
mod remote;
mod webkit;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::driver::{Driver, Point, Window};
use super::process::Process;
use remote::{ACTIONS, FIND, NAVIGATE, RESIZE, RUN, Remote, SCREENSHOT, SEND_KEYS};

/// The key under which the standard keeps the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A page in a browser of its own.
pub struct WebDriver {
    // Ends before its programs.
    remote: Box<dyn Remote>,
    problems: Vec<String>,
    _processes: Vec<Process>,
}

impl WebDriver {
    /// Starts Firefox with an empty page, with or without WebGPU.
    ///
    /// # Errors
    /// If it does not start before the deadline.
    pub fn firefox(webgpu: bool, downloads: &Path, deadline: Instant) -> Result<Self> {
        let (remote, process) = firefox::start(webgpu, downloads, deadline)?;
        Ok(Self { remote: Box::new(remote), problems: Vec::new(), _processes: vec![process] })
    }

    /// Starts GTK's WebKit browser with an empty page.
    ///
    /// # Errors
    /// If it does not start before the deadline.
    pub fn webkit(downloads: &Path, deadline: Instant) -> Result<Self> {
        let (remote, processes) = webkit::start(downloads, deadline)?;
        Ok(Self { remote: Box::new(remote), problems: Vec::new(), _processes: processes })
    }

    fn perform(&mut self, source: &Value) -> Result<()> {
        self.remote.call(&ACTIONS, &json!({ "actions": [source] })).map(drop)
    }
}

impl Driver for WebDriver {
    fn set_deadline(&mut self, deadline: Instant) {
        self.remote.set_deadline(deadline);
    }

    fn navigate(&mut self, address: &str) -> Result<()> {
        // Collects the problems of the page that it leaves.
        self.evaluate("0")?;
        self.remote.call(&NAVIGATE, &json!({ "url": address })).map(drop)
    }

    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            const answer = words => done(JSON.stringify({{ ...words, problems: window.slganProblems?.splice(0) }}));
            Promise.resolve().then(() => ({expression}))
                .then(value => answer({{ value }}), error => answer({{ error: `${{error}} ${{error?.stack}}` }}))"
        );
        let answer = self.remote.call(&RUN, &json!({ "script": script, "args": [] }))?;
        let mut answer: Value = serde_json::from_str(answer.as_str().context("no answer")?)?;
        let problems = answer["problems"].as_array().into_iter().flatten();
        self.problems.extend(problems.filter_map(|problem| Some(problem.as_str()?.to_owned())));
        match answer["error"].as_str() {
            Some(error) => bail!("{expression}: {error}"),
            None => Ok(answer["value"].take()),
        }
    }

    fn stroke(&mut self, places: &[Point]) -> Result<()> {
        let go = |(x, y): &Point| json!({ "type": "pointerMove", "x": x.round(), "y": y.round(), "duration": 0, "origin": "viewport" });
        let mut actions = vec![go(&places[0]), json!({ "type": "pointerDown", "button": 0 })];
        actions.extend(places[1..].iter().map(go));
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
        self.perform(&json!({ "type": "pointer", "id": "mouse", "actions": actions }))
    }

    fn press(&mut self, key: &str) -> Result<()> {
        let key = match key {
            "Enter" => "\u{e007}",
            "Tab" => "\u{e004}",
            "ArrowLeft" => "\u{e012}",
            "ArrowRight" => "\u{e014}",
            _ => bail!("the key {key} is not known here"),
        };
        let actions = ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        self.perform(&json!({ "type": "key", "id": "keyboard", "actions": actions }))
    }

    fn choose_files(&mut self, selector: &str, files: &[PathBuf]) -> Result<()> {
        let found = self.remote.call(&FIND, &json!({ "using": "css selector", "value": selector }))?;
        let paths: Vec<&str> = files.iter().map(|file| file.to_str().context("no UTF-8")).collect::<Result<_>>()?;
        self.remote.call(&SEND_KEYS, &json!({ "id": found[ELEMENT], "text": paths.join("\n") })).map(drop)
    }

    /// The standard drops nothing, so an input takes the files, and a script drops them. That is not possible with
    /// folders.
    fn drop_files(&mut self, selector: &str, (x, y): Point, files: &[PathBuf]) -> Result<()> {
        let prepare = "const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true });
            input.id = 'to-be-dropped';
            document.body.append(input);";
        self.evaluate(&format!("(() => {{ {prepare} }})()"))?;
        self.choose_files("#to-be-dropped", files)?;
        let drop_all = "const input = document.querySelector('#to-be-dropped');
            const dataTransfer = new DataTransfer();
            for (const file of input.files) dataTransfer.items.add(file);
            input.remove();
            const place = { dataTransfer, clientX, clientY, bubbles: true, cancelable: true };
            for (const kind of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, place));";
        let target = format!("document.querySelector({})", json!(selector));
        self.evaluate(&format!("((target, clientX, clientY) => {{ {drop_all} }})({target}, {x}, {y})")).map(drop)
    }

    fn resize(&mut self, (width, height, _): Window) -> Result<u32> {
        let frame = self.evaluate("[outerWidth - innerWidth, outerHeight - innerHeight]")?;
        let outer = |inner: u32, side: usize| i64::from(inner) + frame[side].as_i64().unwrap_or_default();
        self.remote.call(&RESIZE, &json!({ "width": outer(width, 0), "height": outer(height, 1) }))?;
        let settled = self.evaluate("new Promise(resolve => setTimeout(resolve, 300)).then(() => innerWidth)")?;
        Ok(u32::try_from(settled.as_u64().context("no width")?)?)
    }

    fn screenshot(&mut self, whole: bool) -> Result<Vec<u8>> {
        // Only Marionette knows `full`.
        let shot = self.remote.call(&SCREENSHOT, &json!({ "full": whole }))?;
        Ok(BASE64_STANDARD.decode(shot.as_str().context("no picture")?)?)
    }

    fn problems(&mut self) -> &mut Vec<String> {
        &mut self.problems
    }
}
