//! A test of the page, and what it needs.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::visit::Visit;

/// A test: it visits the page, and says what is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    /// Its name.
    pub name: &'static str,
    /// Whether it runs the native program as well.
    pub program: bool,
    /// Whether it runs only where `--long` asks for it.
    pub only_long: bool,
    run: fn(&mut Visit) -> Result<()>,
    limit: Duration,
    webgpu: bool,
}

impl Test {
    /// A test in a browser with WebGPU that takes no longer than a minute.
    pub const fn new(name: &'static str, run: fn(&mut Visit) -> Result<()>) -> Self {
        Self { name, program: false, only_long: false, run, limit: Duration::from_secs(60), webgpu: true }
    }

    /// May take this long.
    pub const fn within_s(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Runs the native program as well.
    pub const fn with_program(mut self) -> Self {
        self.program = true;
        self
    }

    /// Runs where `--long` asks for it.
    pub const fn only_long(mut self) -> Self {
        self.only_long = true;
        self
    }

    /// In a browser without WebGPU.
    pub const fn without_webgpu(mut self) -> Self {
        self.webgpu = false;
        self
    }

    /// Runs the test in a browser of its own. Whatever it looks at, nothing may have gone wrong in the page; returns
    /// the visit's notes.
    ///
    /// # Errors
    /// What is wrong, with what the page knows of it.
    pub fn visit(&self, origin: &str, screenshots: &Path) -> Result<Vec<String>> {
        let mut visit = Visit::start(self.limit, self.webgpu, origin, screenshots)?;
        let outcome = (self.run)(&mut visit).and_then(|()| visit.without_problems());
        match outcome {
            Ok(()) => Ok(std::mem::take(&mut visit.notes)),
            Err(error) => Err(error.context(visit.last_words(self.name))),
        }
    }
}
