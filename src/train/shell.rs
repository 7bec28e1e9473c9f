//! The surroundings of the training loop: the program or the web page.

use std::error::Error;
use std::future::Future;

use super::event::Event;
use super::state::State;

/// What the loop should do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on with the next step.
    Continue,
    /// Ask again without a step; the shell waits inside [`Shell::turn`] for whatever ends the pause.
    Pause,
    /// Emit the figures of the last step, unless they were already emitted, and ask again.
    Log,
    /// Save, unless this step is already saved, and ask again: for shells that save by the clock, not by the step.
    Save,
    /// Save and return.
    Stop,
}

/// Consumes a run's events and steers it.
pub trait Shell {
    /// Takes an event. An error, such as a full disk, ends the run.
    fn event(&mut self, event: Event) -> impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>>;

    /// Called between steps with the current state. A page gives the browser its turn here. Networks are cheap to
    /// clone, so a shell may keep the averages for pictures and labels.
    fn turn(&mut self, state: &State) -> impl Future<Output = Control>;

    /// Called during long work between steps, such as an evaluation. A page gives the browser its turn here, so that it
    /// can receive input, although it cannot steer the run yet.
    fn breathe(&mut self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}
