//! Says during the first step how many kernels are compiled, because some drivers take minutes for them.
//!
//! The runtime compiles in a thread of its own, and the loop waits for it within a step, so another thread watches.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use slgan::kernels::launches::compiled;

/// Compiling that takes less is not worth a line.
const WORTH_A_LINE: Duration = Duration::from_secs(5);

/// Watches how kernels are compiled, until it is dropped.
pub struct Compiling {
    start: Instant,
    before: usize,
    /// Ends the thread when it is dropped.
    stop: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Compiling {
    /// Shows what is compiled from now on, at intervals.
    pub fn watch(interval: Duration, show: impl Fn(String) + Send + 'static) -> Self {
        let (start, before) = (Instant::now(), compiled());
        let (stop, stopped) = mpsc::channel();
        let watch = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                let count = compiled() - before;
                // The CPU backend compiles nothing.
                if count > 0 {
                    show(format!("compiling kernels: {count} so far, {} s", start.elapsed().as_secs()));
                }
            }
        };
        // Without a thread, a run is silent until its first figures.
        let watcher = thread::Builder::new().spawn(watch).ok();
        Self { start, before, stop: Some(stop), watcher }
    }

    /// Stops watching. Says what was compiled, if that took long.
    pub fn done(self) -> Option<String> {
        let (count, time) = (compiled() - self.before, self.start.elapsed());
        drop(self);
        let is_long = count > 0 && time >= WORTH_A_LINE;
        is_long.then(|| format!("compiled {count} kernels in {} s, with the first step", time.as_secs()))
    }
}

impl Drop for Compiling {
    /// Waits for the thread, so that it shows nothing after what follows.
    fn drop(&mut self) {
        self.stop = None;
        if let Some(watcher) = self.watcher.take() {
            // It has nothing to say about a panic of its own.
            let _ = watcher.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_after_the_end() {
        let (sender, shown) = mpsc::channel();
        let compiling = Compiling::watch(Duration::from_millis(1), move |text| sender.send(text).unwrap());
        // Other tests may compile kernels meanwhile.
        thread::sleep(Duration::from_millis(20));
        assert_eq!(compiling.done(), None);
        while let Ok(text) = shown.try_recv() {
            assert!(text.starts_with("compiling kernels: "), "{text}");
        }
        assert!(shown.recv().is_err(), "the thread has ended");
    }
}
