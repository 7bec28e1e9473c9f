//! Ends a process that waits too long in a call that cannot be left.

use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Ends the process unless it is dropped in time.
pub struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    /// Ends the process with exit code `code` after `patience`, with an error about `what`; without one if it is empty.
    pub fn new(patience: Duration, what: &'static str, code: u8) -> Self {
        let (alive, watched) = channel::<()>();
        let watch = move || {
            if watched.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                if !what.is_empty() {
                    say!("error: {what}: no answer for {} s", patience.as_secs());
                }
                process::exit(code.into());
            }
        };
        // Without a thread, the call is not watched.
        drop(thread::Builder::new().name("watchdog".into()).spawn(watch));
        Self { _alive: alive }
    }
}
