//! A visit to the page: the actions that tests share.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Engine, Options, Page};

/// The losses of steps: discriminator, generator, classifier.
pub type Losses = BTreeMap<u64, [Option<f64>; 3]>;

/// How long a page that has failed may take to report its state.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A browser that visits the page, and a test's results.
pub struct Visit {
    /// The browser.
    pub page: Page,
    /// The server's origin.
    pub origin: String,
    /// Where screenshots go.
    pub screenshots: PathBuf,
    /// Figures for the test's line.
    pub notes: Vec<String>,
    folder: TempDir,
}

impl Visit {
    /// Starts a browser, with or without WebGPU, for a visit that takes at most `limit`.
    ///
    /// # Errors
    /// If there is none.
    pub fn start(engine: Engine, limit: Duration, webgpu: bool, origin: &str, screenshots: &Path) -> Result<Self> {
        let folder = TempDir::with_prefix("slgan-visit-")?;
        let downloads = folder.path().join("downloads");
        fs::create_dir(&downloads)?;
        let page = Page::start(Options { engine, webgpu, downloads: &downloads, deadline: Instant::now() + limit })?;
        let (origin, screenshots) = (origin.to_owned(), screenshots.to_owned());
        Ok(Self { page, origin, screenshots, notes: Vec::new(), folder })
    }

    /// Looks for unnoticed errors in the page.
    ///
    /// # Errors
    /// If there are any, with their messages.
    pub fn without_problems(&mut self) -> Result<()> {
        // Events that are under way arrive before this answer.
        self.page.evaluate("new Promise(resolve => setTimeout(resolve, 50))")?;
        let problems = self.page.problems();
        ensure!(problems.is_empty(), "errors in the page:\n{}", problems.join("\n"));
        Ok(())
    }

    /// What a failed page shows and knows.
    pub fn last_words(&mut self, name: &str) -> String {
        self.page.set_deadline(Instant::now() + LAST_WORDS);
        let shown = "[...document.querySelectorAll('#status, #step-count, #device, #error, #repro-status')]
            .map(element => `${element.id}: ${element.textContent.trim()}`).join('\\n')";
        let events = "JSON.stringify((window.slganPage?.events ?? []).slice(-5)
            .map(event => ({ ...event, config: undefined })))";
        let mut words = Vec::new();
        for expression in [shown, events] {
            words.extend(self.page.evaluate(expression).ok().and_then(|text| Some(text.as_str()?.to_owned())));
        }
        let picture = self.screenshots.join(format!("failed-{}-{name}.png", self.page.engine));
        if self.page.screenshot(false).is_ok_and(|png| fs::write(&picture, png).is_ok()) {
            words.push(picture.display().to_string());
        }
        words.append(self.page.problems());
        words.join("\n")
    }

    /// A folder for the test's own files, removed after the visit.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the page with query parameters, and waits until it has a device.
    ///
    /// # Errors
    /// If it has none in time.
    pub fn open(&mut self, query: &str) -> Result<()> {
        self.page.navigate(&format!("{}/?{query}", self.origin))?;
        self.wait_for("a device", "document.querySelector('#device')?.dataset.backend").map(drop)
    }

    /// Starts or continues training.
    ///
    /// # Errors
    /// If the button cannot be clicked.
    pub fn train(&mut self) -> Result<()> {
        self.page.click("#train")
    }

    /// Waits for a condition on a page that shows no error, and returns its value.
    ///
    /// # Errors
    /// If that takes too long, or the page shows an error.
    pub fn wait_for(&mut self, what: &str, condition: &str) -> Result<Value> {
        let error = "document.querySelector('#error:not([hidden])')?.textContent.trim()";
        let look = format!(
            "(() => {{ const error = {error}; if (error) return {{ error }}; \
             const value = {condition}; return value ? {{ value }} : null; }})()"
        );
        let found = self.page.wait_for(what, &look)?;
        match found["error"].as_str() {
            Some(error) => bail!("waiting for {what}, the page says: {error}"),
            None => Ok(found["value"].clone()),
        }
    }

    /// Waits until `step` steps are done.
    ///
    /// # Errors
    /// As [`Visit::wait_for`].
    pub fn wait_for_step(&mut self, step: u64) -> Result<()> {
        let condition = format!("Number(document.querySelector('#step-count').textContent) >= {step}");
        self.wait_for(&format!("step {step}"), &condition).map(drop)
    }

    /// Waits for a word in the page's status, such as `paused`.
    ///
    /// # Errors
    /// As [`Visit::wait_for`].
    pub fn wait_for_status(&mut self, word: &str) -> Result<()> {
        let condition = format!("/{word}/i.test(document.querySelector('#status').textContent)");
        self.wait_for(&format!("the status {word}"), &condition).map(drop)
    }

    /// The same, even if the page shows an error.
    ///
    /// # Errors
    /// If that takes too long.
    pub fn wait_for_status_beside_error(&mut self, word: &str) -> Result<()> {
        let condition = format!("/{word}/i.test(document.querySelector('#status').textContent)");
        self.page.wait_for(&format!("the status {word}"), &condition).map(drop)
    }

    /// Waits for an error, and returns its message.
    ///
    /// # Errors
    /// If the page shows none in time.
    pub fn wait_for_error(&mut self) -> Result<String> {
        let shown = "document.querySelector('#error:not([hidden])')?.textContent.trim()";
        let words = self.page.wait_for("a sentence in #error", shown)?;
        Ok(words.as_str().context("no words")?.to_owned())
    }

    /// Steps done, as the page shows them.
    ///
    /// # Errors
    /// If it shows no number.
    pub fn step(&mut self) -> Result<u64> {
        let shown = self.text("#step-count")?;
        shown.parse().with_context(|| format!("#step-count shows {shown:?}, which is no number"))
    }

    /// The text of an element.
    ///
    /// # Errors
    /// If it is not there.
    pub fn text(&mut self, selector: &str) -> Result<String> {
        let text = self.page.evaluate(&format!("document.querySelector({}).textContent.trim()", json!(selector)))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The run's events of one kind so far.
    ///
    /// # Errors
    /// If the page has no list of events.
    pub fn events(&mut self, kind: &str) -> Result<Vec<Value>> {
        let expression = format!("slganPage.events.filter(event => event.event === {})", json!(kind));
        Ok(self.page.evaluate(&expression)?.as_array().context("no events")?.clone())
    }

    /// The losses of all steps so far. A step that was reported twice must have the same losses.
    ///
    /// # Errors
    /// If they differ.
    pub fn losses(&mut self) -> Result<Losses> {
        let mut losses = Losses::new();
        for event in self.events("step")? {
            let step = event["step"].as_u64().context("a step without a number")?;
            let figures = ["d_loss", "g_loss", "c_loss"].map(|name| event[name].as_f64());
            let before = losses.insert(step, figures).unwrap_or(figures);
            ensure!(before == figures, "step {step} was reported twice: {before:?}, then {figures:?}");
        }
        Ok(losses)
    }

    /// What a canvas shows: a checksum of its pixels, and how many colours it has.
    ///
    /// # Errors
    /// If it is not there, or empty.
    pub fn canvas(&mut self, selector: &str) -> Result<(i64, u64)> {
        let look = "const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
            copy.drawImage(canvas, 0, 0);
            const pixels = new Int32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
            return [pixels.reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 0), new Set(pixels).size];";
        let selector = json!(selector);
        let seen = self.page.evaluate(&format!("(canvas => {{ {look} }})(document.querySelector({selector}))"))?;
        Ok((seen[0].as_i64().context("no checksum")?, seen[1].as_u64().context("no colours")?))
    }

    /// Waits until a canvas shows more than one colour.
    ///
    /// # Errors
    /// As [`Visit::wait_for`].
    pub fn wait_for_picture(&mut self, selector: &str) -> Result<()> {
        while self.canvas(selector)?.1 < 2 {
            self.wait_for(selector, "true")?;
            self.page.rest(selector)?;
        }
        Ok(())
    }

    /// Waits until a canvas shows something else than it did before.
    ///
    /// # Errors
    /// As [`Visit::wait_for`].
    pub fn wait_for_other_picture(&mut self, selector: &str, before: (i64, u64)) -> Result<()> {
        while self.canvas(selector)? == before {
            self.wait_for(selector, "true")?;
            self.page.rest(&format!("{selector} to change"))?;
        }
        Ok(())
    }
}
