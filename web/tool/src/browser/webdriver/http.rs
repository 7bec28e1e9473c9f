//! WebDriver as the standard has it: JSON over HTTP, with a connection for each command.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::remote::{Command, GRACE, Remote};

/// How long a driver may take to end its browser.
const FAREWELL: Duration = Duration::from_secs(10);

/// A session with a driver. Dropping it ends the browser.
pub struct Http {
    port: u16,
    /// The path of the session; empty before it begins.
    session: String,
    deadline: Instant,
}

impl Http {
    /// Opens a session.
    ///
    /// # Errors
    /// If nobody listens there, or the browser does not start.
    pub fn open(port: u16, capabilities: &Value, deadline: Instant) -> Result<Self> {
        let mut driver = Self { port, session: String::new(), deadline };
        let session = driver.send("POST", "/session", &json!({ "capabilities": { "alwaysMatch": capabilities } }))?;
        driver.session = format!("/session/{}", session["sessionId"].as_str().context("no session")?);
        Ok(driver)
    }

    fn send(&self, method: &str, path: &str, params: &Value) -> Result<Value> {
        let body = if method == "POST" { params.to_string() } else { String::new() };
        let head = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.session,
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).context("connecting to the driver")?;
        let left = self.deadline.saturating_duration_since(Instant::now()).max(GRACE);
        stream.set_read_timeout(Some(left))?;
        stream.write_all((head + &body).as_bytes()).context("the driver is gone")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context("the browser is gone, or did not answer in time")?;
        value(&answer).with_context(|| path.to_owned())
    }
}

/// The value in an answer.
fn value(answer: &str) -> Result<Value> {
    let (_, body) = answer.split_once("\r\n\r\n").context("the driver is gone")?;
    let value = serde_json::from_str::<Value>(body).context("the driver does not answer in JSON")?["value"].take();
    match (value["error"].as_str(), value["message"].as_str()) {
        (Some(error), Some(message)) => bail!("{error}: {message}"),
        _ => Ok(value),
    }
}

impl Remote for Http {
    fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    fn call(&mut self, command: &Command, params: &Value) -> Result<Value> {
        let path = command.path.replace("{id}", params["id"].as_str().unwrap_or_default());
        self.send(command.method, &path, params)
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        self.deadline = Instant::now() + FAREWELL;
        // It may be gone already, and nobody is left to report to.
        let _ = self.send("DELETE", "", &Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_value_or_an_error() {
        let answer = |status: &str, body: &str| value(&format!("HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n{body}"));
        assert_eq!(answer("200 OK", r#"{"value":"error"}"#).unwrap(), "error");
        assert_eq!(answer("200 OK", r#"{"value":null}"#).unwrap(), Value::Null);
        let refusal = r#"{"value":{"error":"no such element","message":"there is no #x"}}"#;
        let error = answer("404 Not Found", refusal).unwrap_err();
        assert_eq!(error.to_string(), "no such element: there is no #x");
        for broken in ["", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nhello"] {
            assert!(value(broken).is_err(), "{broken:?}");
        }
    }
}
