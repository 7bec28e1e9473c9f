//! What surrounds the training loop: the program or the web page.

use std::error::Error;
use std::future::Future;

use super::event::Event;
use super::state::State;

/// What the loop shall do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on with the next step.
    Continue,
    /// Ask again without a step; the shell waits inside [`Shell::turn`] for whatever ends the pause.
    Pause,
    /// Tell the figures of the last step, unless they were told already, and ask again.
    Log,
    /// Save, unless this step was saved already, and ask again: for shells that save by the clock, not by the step.
    Save,
    /// Save and return.
    Stop,
}

/// Consumes a run's events and steers it.
pub trait Shell {
    /// Takes an event. An error, such as a full disk, ends the run.
    fn event(&mut self, event: Event) -> impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>>;

    /// Called between steps, with the state as it is; a page gives the browser its turn here. Networks are cheap to
    /// clone, so a shell may keep the averages to make pictures and labels from them.
    fn turn(&mut self, state: &State) -> impl Future<Output = Control>;

    /// Called within work that is long and no step, such as an evaluation: a page gives the browser its turn, so that
    /// it is heard although nothing can be steered yet.
    fn breathe(&mut self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}
