//! A page in a browser, for tests.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::devtools::DevTools;
use super::driver::{Driver, Window};
use super::engine::Engine;
use super::webdriver::WebDriver;

/// The time between two checks while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A page in a browser of its own.
pub struct Page {
    /// The browser's engine.
    pub engine: Engine,
    browser: Browser,
    /// Where downloads go.
    pub(super) downloads: PathBuf,
    deadline: Instant,
}

/// A browser, by its protocol.
enum Browser {
    DevTools(Box<DevTools>),
    WebDriver(WebDriver),
}

/// How to start a browser.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The engine.
    pub engine: Engine,
    /// Whether it has WebGPU, on a software adapter, if the engine has it at all.
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
    pub fn start(Options { engine, webgpu, downloads, deadline }: Options) -> Result<Self> {
        engine.find()?;
        let browser = match engine {
            Engine::Chromium => Browser::DevTools(Box::new(DevTools::start(webgpu, downloads, deadline)?)),
            Engine::Firefox => Browser::WebDriver(WebDriver::firefox(webgpu, downloads, deadline)?),
            Engine::Webkit => Browser::WebDriver(WebDriver::webkit(downloads, deadline)?),
        };
        Ok(Self { engine, browser, downloads: downloads.to_owned(), deadline })
    }

    pub(super) fn driver(&mut self) -> &mut dyn Driver {
        match &mut self.browser {
            Browser::DevTools(browser) => browser.as_mut(),
            Browser::WebDriver(browser) => browser,
        }
    }

    /// Allows waiting until this moment.
    pub fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.driver().set_deadline(deadline);
    }

    /// The messages of all errors in the page and, in Chromium, its workers so far.
    pub fn problems(&mut self) -> &mut Vec<String> {
        self.driver().problems()
    }

    /// The DevTools protocol, for what no other protocol can.
    ///
    /// # Errors
    /// If the browser does not speak it: the test should say that it needs it.
    pub fn devtools(&mut self) -> Result<&mut DevTools> {
        match &mut self.browser {
            Browser::DevTools(browser) => Ok(browser),
            Browser::WebDriver(_) => bail!("{} does not speak the DevTools protocol", self.engine),
        }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// If it cannot be loaded.
    pub fn navigate(&mut self, address: &str) -> Result<()> {
        self.driver().navigate(address)
    }

    /// The value of an expression in the page. Waits for promises.
    ///
    /// # Errors
    /// What it throws.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        self.driver().evaluate(expression)
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
    pub fn rest(&mut self, what: &str) -> Result<()> {
        ensure!(self.driver().problems().is_empty(), "errors in the page while waiting for {what}");
        ensure!(Instant::now() < self.deadline, "timed out waiting for {what}");
        thread::sleep(LOOK_EVERY);
        Ok(())
    }

    /// Resizes the window, and returns the width that it got. Only Chromium can be a mobile device, and as narrow.
    ///
    /// # Errors
    /// If the browser refuses it.
    pub fn resize(&mut self, window: Window) -> Result<u32> {
        self.driver().resize(window)
    }

    /// The visible page as a PNG file, or with `whole` the entire page where the browser can.
    ///
    /// # Errors
    /// If the browser cannot draw it.
    pub fn screenshot(&mut self, whole: bool) -> Result<Vec<u8>> {
        self.driver().screenshot(whole)
    }
}

fn is_truthy(value: &Value) -> bool {
    !(value.is_null() || *value == false || *value == "" || value.as_f64() == Some(0.0))
}
