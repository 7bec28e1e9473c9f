//! Marionette, which Firefox speaks without a driver: the standard's commands as JSON over a socket. Each message has
//! its length in bytes and a colon before it. <https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html>

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::remote::{Command, GRACE, Remote};

/// A connection to Firefox.
pub struct Marionette {
    stream: BufReader<TcpStream>,
    commands: u64,
    deadline: Instant,
}

impl Marionette {
    /// Connects, and opens a session.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn open(port: u16, capabilities: &Value, deadline: Instant) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("connecting to the browser")?;
        stream.set_nodelay(true)?;
        let mut connection = Self { stream: BufReader::new(stream), commands: 0, deadline };
        // Firefox begins, with a greeting.
        connection.receive()?;
        connection.send("WebDriver:NewSession", capabilities)?;
        Ok(connection)
    }

    fn send(&mut self, name: &str, params: &Value) -> Result<Value> {
        self.commands += 1;
        let message = json!([0, self.commands, name, params]).to_string();
        let framed = format!("{}:{message}", message.len());
        self.stream.get_mut().write_all(framed.as_bytes()).context("the browser is gone")?;
        let mut answer = self.receive()?;
        // What came too late for its own command.
        while answer[1] != self.commands {
            answer = self.receive()?;
        }
        match answer[2]["message"].as_str() {
            Some(complaint) => bail!("{name}: {complaint}"),
            None => Ok(answer[3].take()),
        }
    }

    fn receive(&mut self) -> Result<Value> {
        let left = self.deadline.saturating_duration_since(Instant::now()).max(GRACE);
        self.stream.get_ref().set_read_timeout(Some(left))?;
        let silence = "the browser is gone, or did not answer in time";
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).context(silence)?;
        let length: usize = String::from_utf8_lossy(&length).trim_end_matches(':').parse().context(silence)?;
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).context(silence)?;
        Ok(serde_json::from_slice(&message)?)
    }
}

impl Remote for Marionette {
    fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    fn call(&mut self, command: &Command, params: &Value) -> Result<Value> {
        Ok(self.send(command.name, params)?["value"].take())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::browser::webdriver::remote::NAVIGATE;

    /// A browser that greets, gives these answers to any commands, and goes away. Returns its port.
    fn browser(answers: Vec<&'static str>) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(br#"50:{"applicationType":"gecko","marionetteProtocol":3}"#).unwrap();
            for answer in answers {
                let mut some = [0; 1000];
                assert!(stream.read(&mut some).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        port
    }

    #[test]
    fn an_answer_belongs_to_its_command_and_has_a_value_or_an_error() {
        let refusal = r#"59:[1,3,{"error":"timeout","message":"too late — really"},0]"#;
        // Another answer to the first command, and then that to the second.
        let late = r#"24:[1,1,null,{"value":"x"}]25:[1,2,null,{"value":"ä"}]"#;
        let port = browser(vec![r#"21:[1,1,null,{"id":"x"}]"#, late, refusal]);
        let mut firefox = Marionette::open(port, &json!({}), Instant::now() + Duration::from_secs(10)).unwrap();
        assert_eq!(firefox.call(&NAVIGATE, &json!({})).unwrap(), "ä");
        let error = firefox.call(&NAVIGATE, &json!({})).unwrap_err();
        assert_eq!(error.to_string(), "WebDriver:Navigate: too late — really");
        let error = firefox.call(&NAVIGATE, &json!({})).unwrap_err();
        assert!(error.to_string().contains("the browser is gone"), "{error}");
    }
}
