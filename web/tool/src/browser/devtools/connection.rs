//! The DevTools protocol: JSON messages over a WebSocket, with a deadline for waiting.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

/// How long a read of the socket may take before the next look at the clock.
const TICK: Duration = Duration::from_millis(50);

/// A message from the browser.
#[derive(Debug)]
pub enum Word {
    /// The answer to a command.
    Answer {
        /// The command's number.
        id: u64,
        /// Its result, or the browser's error.
        outcome: Result<Value, String>,
    },
    /// Something that happened.
    Event {
        /// The session that it happened in; empty for the browser itself.
        session: String,
        /// Its name, such as `Log.entryAdded`.
        method: String,
        /// Its parameters.
        params: Value,
    },
}

/// A connection to a browser.
pub struct Connection {
    socket: WebSocket<TcpStream>,
    commands: u64,
    /// After this moment, waiting fails.
    pub deadline: Instant,
}

impl Connection {
    /// Connects to the address that a browser has printed.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn open(port: u16, path: &str, deadline: Instant) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("connecting to the browser")?;
        stream.set_nodelay(true)?;
        // Screenshots and scripts exceed the usual limits.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let address = format!("ws://127.0.0.1:{port}{path}");
        let (socket, _) = tungstenite::client::client_with_config(address, stream, Some(config))
            .map_err(|error| anyhow::anyhow!("connecting to the browser: {error}"))?;
        socket.get_ref().set_read_timeout(Some(TICK))?;
        Ok(Self { socket, commands: 0, deadline })
    }

    /// Sends a command to a session (to the browser itself if empty), and returns its number.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn send(&mut self, session: &str, method: &str, params: &Value) -> Result<u64> {
        self.commands += 1;
        let mut command = json!({ "id": self.commands, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = session.into();
        }
        self.socket.send(Message::text(command.to_string())).context("the browser is gone")?;
        Ok(self.commands)
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// If the browser is gone, or sends nothing in time.
    pub fn receive(&mut self) -> Result<Word> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return word(&serde_json::from_str(&text)?),
                Ok(_) => {}
                Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error).context("the browser is gone"),
            }
            if Instant::now() > self.deadline {
                bail!("the browser did not answer in time");
            }
        }
    }
}

fn word(message: &Value) -> Result<Word> {
    if let Some(id) = message["id"].as_u64() {
        let complaint = message["error"]["message"].as_str();
        let outcome = complaint.map_or_else(|| Ok(message["result"].clone()), |complaint| Err(complaint.to_owned()));
        return Ok(Word::Answer { id, outcome });
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let method = text(&message["method"]);
    Ok(Word::Event { session: text(&message["sessionId"]), method, params: message["params"].clone() })
}
