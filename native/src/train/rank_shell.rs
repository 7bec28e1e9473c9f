//! The shell of one process of a run: the first one records, and the others have nothing to say.

use std::error::Error;

use slgan::train::event::Event;
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;

use crate::mpi::Group;
use crate::recorder::Recorder;

/// Records a run of one or several processes.
pub struct RankShell<'a> {
    recorder: Option<Recorder>,
    group: &'a Group,
    is_stopping: bool,
}

impl<'a> RankShell<'a> {
    /// With the recorder of the first process.
    pub fn new(recorder: Option<Recorder>, group: &'a Group) -> Self {
        Self { recorder, group, is_stopping: false }
    }

    /// Removes the progress line.
    pub fn finish(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.finish();
        }
    }

    /// Whether another process was asked to stop.
    fn others_stop(&mut self) -> bool {
        let Some(rank) = self.group.asked_to_stop() else { return false };
        if !self.is_stopping {
            say!("\nrank {rank} was asked to stop: saving and stopping");
            self.is_stopping = true;
        }
        true
    }
}

impl Shell for RankShell<'_> {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        // A slow disk is no reason for the others to give up.
        let is_slow = matches!(event, Event::Checkpoint(_));
        let recorded = if is_slow { self.group.alone(|| recorder.record(event)) } else { recorder.record(event) };
        // `#` adds the chain of causes, because the library keeps only the text.
        recorded.map_err(|error| format!("{error:#}").into())
    }

    async fn turn(&mut self, state: &State) -> Control {
        let asked = self.recorder.as_mut().is_some_and(|recorder| recorder.turn(state));
        if asked || self.others_stop() { Control::Stop } else { Control::Continue }
    }

    async fn breathe(&mut self) {
        self.group.beat();
    }
}
