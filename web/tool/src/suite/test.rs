//! A test of the page and its requirements.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::visit::Visit;
use crate::browser::Engine;

/// Where a test runs only with `--long`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Long {
    Nowhere,
    Elsewhere,
    Everywhere,
}

/// A test: it visits the page, and returns an error if something is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    /// Its name.
    pub name: &'static str,
    /// Whether it also runs the native program.
    pub program: bool,
    long: Long,
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
            long: Long::Nowhere,
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
        self.long = Long::Everywhere;
        self
    }

    /// Runs only with `--long` in other engines than Chromium: it takes long, and depends little on the engine.
    pub const fn long_elsewhere(mut self) -> Self {
        self.long = Long::Elsewhere;
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

    /// What the test needs to run in an engine and does not have, in words.
    pub fn lacks(&self, engine: Engine, long: bool) -> Option<&'static str> {
        let is_long = match self.long {
            Long::Nowhere => false,
            Long::Elsewhere => engine != Engine::Chromium,
            Long::Everywhere => true,
        };
        [
            (self.needs_devtools && !engine.has_devtools(), "DevTools"),
            (self.needs_webgpu && !engine.has_webgpu(), "WebGPU"),
            (is_long && !long, "--long"),
        ]
        .into_iter()
        .find_map(|(lacks, what)| lacks.then_some(what))
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
