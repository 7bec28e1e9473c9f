//! A test of the page and its requirements.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::visit::Visit;
use crate::browser::Engine;

/// A test: it visits the page, and returns an error if something is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    /// Its name.
    pub name: &'static str,
    /// Whether it also runs the native program.
    pub program: bool,
    /// Whether it runs only with `--long`.
    pub only_long: bool,
    run: fn(&mut Visit) -> Result<()>,
    limit: Duration,
    webgpu: bool,
    needs_webgpu: bool,
    needs_devtools: bool,
}

impl Test {
    /// A test in a browser with WebGPU, with a limit that suits all that needs no graphics.
    pub const fn new(name: &'static str, run: fn(&mut Visit) -> Result<()>) -> Self {
        Self {
            name,
            program: false,
            only_long: false,
            run,
            limit: Duration::from_secs(240),
            webgpu: true,
            needs_webgpu: false,
            needs_devtools: false,
        }
    }

    /// Sets the time limit. It only ends what hangs, so it is far above what a slow machine takes.
    pub const fn within_s(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Also runs the native program.
    pub const fn with_program(mut self) -> Self {
        self.program = true;
        self
    }

    /// Runs only with `--long`.
    pub const fn only_long(mut self) -> Self {
        self.only_long = true;
        self
    }

    /// Runs in a browser without WebGPU.
    pub const fn without_webgpu(mut self) -> Self {
        self.webgpu = false;
        self
    }

    /// Runs only in engines with WebGPU.
    pub const fn on_webgpu(mut self) -> Self {
        self.needs_webgpu = true;
        self
    }

    /// Runs only in Chromium: it needs scripts before the page's own or in its workers, dropped folders, or a visitor's
    /// preferences, and these need the DevTools protocol.
    pub const fn with_devtools(mut self) -> Self {
        self.needs_devtools = true;
        self
    }

    /// What the test needs that an engine has not, in words.
    pub fn lacks(&self, engine: Engine) -> Option<&'static str> {
        let lacks_devtools = self.needs_devtools && !engine.has_devtools();
        let lacks_webgpu = self.needs_webgpu && !engine.has_webgpu();
        lacks_devtools.then_some("DevTools").or(lacks_webgpu.then_some("WebGPU"))
    }

    /// Runs the test in its own browser, and returns the visit's notes. Also fails if the page had any error.
    ///
    /// # Errors
    /// What is wrong, with the state of the page.
    pub fn visit(&self, engine: Engine, origin: &str, screenshots: &Path) -> Result<Vec<String>> {
        let mut visit = Visit::start(engine, self.limit, self.webgpu, origin, screenshots)?;
        let outcome = (self.run)(&mut visit).and_then(|()| visit.without_problems());
        match outcome {
            Ok(()) => Ok(std::mem::take(&mut visit.notes)),
            Err(error) => Err(error.context(visit.last_words(self.name))),
        }
    }
}
