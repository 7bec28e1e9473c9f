//! What surrounds the training loop: the program or the web page.

use std::error::Error;
use std::future::Future;

use super::event::Event;

/// What the loop shall do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Go on with the next step.
    Continue,
    /// Ask again without a step; the shell waits inside [`Shell::turn`] for whatever ends the pause.
    Pause,
    /// Save and return.
    Stop,
}

/// Consumes a run's events and steers it.
pub trait Shell {
    /// Takes an event. An error, such as a full disk, ends the run.
    fn event(&mut self, event: Event) -> impl Future<Output = Result<(), Box<dyn Error + Send + Sync>>>;

    /// Called between steps; a page gives the browser its turn here.
    fn turn(&mut self) -> impl Future<Output = Control>;
}
