//! The commands of the WebDriver standard that the tests use, and what sends them.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

/// A command.
#[derive(Debug)]
pub struct Command {
    /// Its name in Marionette.
    pub name: &'static str,
    /// Its method over HTTP: `GET` or `POST`.
    pub method: &'static str,
    /// Its path over HTTP, after that of the session. `{id}` stands for the parameter `id`.
    pub path: &'static str,
}

const fn post(name: &'static str, path: &'static str) -> Command {
    Command { name, method: "POST", path }
}

pub const NAVIGATE: Command = post("WebDriver:Navigate", "/url");
pub const RUN: Command = post("WebDriver:ExecuteAsyncScript", "/execute/async");
pub const FIND: Command = post("WebDriver:FindElement", "/element");
pub const SEND_KEYS: Command = post("WebDriver:ElementSendKeys", "/element/{id}/value");
pub const ACTIONS: Command = post("WebDriver:PerformActions", "/actions");
pub const RESIZE: Command = post("WebDriver:SetWindowRect", "/window/rect");
pub const SCREENSHOT: Command = Command { name: "WebDriver:TakeScreenshot", method: "GET", path: "/screenshot" };

/// A way to send commands.
pub trait Remote {
    /// Waiting for answers fails after this moment.
    fn set_deadline(&mut self, deadline: Instant);

    /// Sends a command, and returns its value.
    fn call(&mut self, command: &Command, params: &Value) -> Result<Value>;
}

/// What an answer may take at least, so that a command just before the deadline still gets one.
pub const GRACE: Duration = Duration::from_secs(1);

/// The longest that an expression may take, in milliseconds. Waiting for the answer ends before, at the deadline.
const SCRIPT_MS: u64 = 4 * 3_600_000;

/// What a session allows: long scripts, and leaving a page that asks whether one really wants to.
pub fn capabilities() -> Value {
    json!({ "timeouts": { "script": SCRIPT_MS }, "unhandledPromptBehavior": "accept" })
}
