//! A training in the background.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{TRAIN, Workplace};

/// More steps than any run reaches.
pub const ENDLESS: &str = "--steps 1000000 --set report.log_every=1";

/// Far longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(120);

/// A training in the background, which ends with the test.
pub struct Running {
    pub child: Child,
    events: PathBuf,
}

impl Running {
    /// Starts an endless run on `pictures`, in the folder `run`, and waits for its first steps.
    pub fn start(workplace: &Workplace) -> Self {
        Self::with(workplace, workplace.command(&format!("{TRAIN} --data folder:pictures --out run {ENDLESS}")))
    }

    /// The same by a command that starts the program, and with no output.
    pub fn with(workplace: &Workplace, mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self::in_folder(workplace, "run", command)
    }

    /// The same for a command that trains in this folder.
    pub fn in_folder(workplace: &Workplace, folder: &str, mut command: Command) -> Self {
        let child = command.spawn().unwrap();
        let mut running = Self { child, events: workplace.path(&format!("{folder}/events.jsonl")) };
        running.takes_steps(3);
        running
    }

    /// Waits until the run has logged this many more steps.
    #[track_caller]
    pub fn takes_steps(&mut self, count: usize) {
        let (start, goal) = (Instant::now(), self.steps() + count);
        while self.steps() < goal {
            assert!(self.child.try_wait().unwrap().is_none(), "the run has ended");
            assert!(start.elapsed() < PATIENCE, "no step for long");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn steps(&self) -> usize {
        fs::read_to_string(&self.events).unwrap_or_default().matches(r#""event":"step""#).count()
    }

    /// Sends a signal, by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// The exit code; none if a signal ended it.
    pub fn code(mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the run does not end")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process, by its name.
#[cfg(unix)]
pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(status.unwrap().success());
}
