//! Events in a page and in its workers while a test waits for something else.

use serde_json::Value;

/// Everything seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// Exceptions that nobody caught, and errors on the console.
    pub problems: Vec<String>,
    /// Sessions of the running workers, the newest last.
    pub workers: Vec<String>,
    /// Whether the page is gone.
    pub crashed: bool,
}

impl Watch {
    /// Records an event.
    pub fn on_event(&mut self, method: &str, params: &Value) {
        match method {
            "Runtime.exceptionThrown" => self.problems.extend(exception(&params["exceptionDetails"])),
            "Runtime.consoleAPICalled" if ["error", "assert"].iter().any(|kind| params["type"] == *kind) => {
                self.problems.push(console_line(&params["args"]));
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => self.problems.push(log_line(&params["entry"])),
            "Inspector.targetCrashed" => self.crashed = true,
            "Target.attachedToTarget" if params["targetInfo"]["type"] == "worker" => {
                self.workers.extend(params["sessionId"].as_str().map(str::to_owned));
            }
            "Target.detachedFromTarget" => self.workers.retain(|session| params["sessionId"] != session.as_str()),
            _ => {}
        }
    }
}

/// The message of an exception, if there is one.
pub fn exception(details: &Value) -> Option<String> {
    let text = details["text"].as_str()?;
    let description = &details["exception"]["description"];
    let value = &details["exception"]["value"];
    Some(description.as_str().or(value.as_str()).unwrap_or(text).to_owned())
}

fn console_line(arguments: &Value) -> String {
    let arguments = arguments.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |argument: &Value| match (&argument["value"], argument["description"].as_str()) {
        (Value::String(text), _) => text.clone(),
        (Value::Null, Some(description)) => description.to_owned(),
        (value, _) => value.to_string(),
    };
    arguments.iter().map(text).collect::<Vec<_>>().join(" ")
}

fn log_line(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    format!("{} {}", text("text"), text("url")).trim().to_owned()
}
