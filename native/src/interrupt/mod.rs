//! Requests to stop: Ctrl-C, SIGTERM and SIGHUP, and on Windows a closed console or a shutdown.
//!
//! Before training begins there is nothing to save, so the first request ends the process at once. From then on it lets
//! the run save its state and stop. A second Ctrl-C ends the process at once. Other signals never do: a terminal that
//! closes sends SIGHUP twice, and schedulers that lose patience send SIGKILL.

mod signal;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use signal::Signal;
#[cfg(unix)]
pub use unix::ask_to_stop;
#[cfg(unix)]
use unix::listen;
#[cfg(windows)]
pub use windows::ask_to_stop;
#[cfg(windows)]
use windows::listen;

/// A Ctrl-C this soon after another is the same one: `timeout` and wrappers send it to a process and to its group.
const SAME: Duration = Duration::from_millis(500);

/// Whether the process has been asked to stop.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_training: bool,
    /// What to undo if the process ends before training begins.
    undo: Option<Box<dyn FnOnce() + Send>>,
    /// The first request, and when it came.
    first: Option<(Signal, Instant)>,
}

/// What to do about a request.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Leave,
    Announce,
    Nothing,
}

impl Interrupt {
    /// Listens, but not to what the caller of the program has it ignore, as `nohup` does with SIGHUP.
    ///
    /// # Errors
    /// If the system refuses the handler.
    pub fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let heard = interrupt.clone();
        listen(move |signal| heard.hear(signal)).context("listening for Ctrl-C and signals")?;
        Ok(interrupt)
    }

    /// Sets what to undo if the process is asked to stop before training begins.
    pub fn before_training(&self, undo: impl FnOnce() + Send + 'static) {
        self.state().undo = Some(Box::new(undo));
    }

    /// From now on there is a state to save.
    pub fn training_begins(&self) {
        let mut state = self.state();
        state.is_training = true;
        state.undo = None;
    }

    /// Whether the run should save its state and stop.
    pub fn requested(&self) -> bool {
        self.state().first.is_some()
    }

    /// The exit code of a run that was asked to stop.
    pub fn exit_code(&self) -> u8 {
        self.state().first.map_or(Signal::CTRL_C, |(signal, _)| signal).code
    }

    fn hear(&self, signal: Signal) {
        let mut state = self.state();
        match state.answer(signal, Instant::now()) {
            Answer::Leave => {
                if let Some(undo) = state.undo.take() {
                    undo();
                }
                process::exit(signal.code.into());
            }
            Answer::Announce => say!("\n{}: saving and stopping; Ctrl-C stops at once", signal.name),
            Answer::Nothing => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, signal: Signal, now: Instant) -> Answer {
        match self.first {
            _ if !self.is_training => Answer::Leave,
            None => {
                self.first = Some((signal, now));
                Answer::Announce
            }
            Some((first, then)) if signal.pressed && !(first.pressed && now.duration_since(then) < SAME) => {
                Answer::Leave
            }
            Some(_) => Answer::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(requests: &[(Signal, u64)]) -> Vec<Answer> {
        let start = Instant::now();
        let mut state = State { is_training: true, ..State::default() };
        requests.iter().map(|&(signal, after)| state.answer(signal, start + Duration::from_millis(after))).collect()
    }

    #[test]
    fn a_second_ctrl_c_leaves_but_not_the_same_one_again() {
        let pressed = [(Signal::CTRL_C, 0), (Signal::CTRL_C, 1), (Signal::CTRL_C, 900)];
        assert_eq!(answers(&pressed), [Answer::Announce, Answer::Nothing, Answer::Leave]);
    }

    #[test]
    fn other_signals_never_cut_a_save_short() {
        let closed = [(Signal::TERMINATE, 0), (Signal::TERMINATE, 900), (Signal::CTRL_C, 950)];
        assert_eq!(answers(&closed), [Answer::Announce, Answer::Nothing, Answer::Leave]);
    }

    #[test]
    fn before_training_there_is_nothing_to_save() {
        assert_eq!(State::default().answer(Signal::TERMINATE, Instant::now()), Answer::Leave);
    }
}
