//! Gives up a server from which too little arrives.
//!
//! Timeouts of single reads do not help against a server that sends a byte now and then, in a header, in a redirect or
//! inside a TLS record. So a second thread looks at what has arrived, and shuts the connections down.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use ureq::Agent;

/// The slowest download that goes on.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often to look.
    pub window: Duration,
    /// How many bytes should arrive in a window. Two windows with less end the download. One is not enough, because a
    /// computer may have slept in it.
    pub bytes: u64,
}

impl Pace {
    /// The whole time after which a slow download ends.
    pub fn patience(self) -> Duration {
        2 * self.window
    }

    /// Runs `work`, which counts the bytes that arrive. Shuts `agent` down if they are too few, and then returns how many
    /// there were in the last two windows.
    pub fn keep<T>(self, agent: &Agent, work: impl FnOnce(&AtomicU64) -> T) -> (T, Option<u64>) {
        let arrived = &AtomicU64::new(0);
        thread::scope(|scope| {
            let (running, end) = mpsc::channel();
            let watch = scope.spawn(move || self.watch(agent, arrived, &end));
            let result = work(arrived);
            drop(running);
            (result, watch.join().unwrap_or(None))
        })
    }

    /// Watches until the other end of `end` is dropped, or the download is too slow.
    fn watch(self, agent: &Agent, arrived: &AtomicU64, end: &Receiver<()>) -> Option<u64> {
        let (mut earlier, mut before, mut was_slow) = (0, 0, false);
        while end.recv_timeout(self.window) == Err(RecvTimeoutError::Timeout) {
            let now = arrived.load(Ordering::Relaxed);
            let is_slow = now - before < self.bytes;
            if is_slow && was_slow {
                agent.clone().shutdown();
                return Some(now - earlier);
            }
            (earlier, before, was_slow) = (before, now, is_slow);
        }
        None
    }
}
