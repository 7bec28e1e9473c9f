//! Runs for comparisons of checkpoints, byte by byte.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Workplace;

/// Small batches, an early end of the warm-up, and every part of the state in use.
const SETTINGS: &str = "--batch 8 --seed 1 --set gate.warm_up=5 --set report.log_every=10 \
    --set report.evaluate_every=0 --set report.sample_every=0";

/// A run in a workplace.
pub struct Run<'a> {
    workplace: &'a Workplace,
    device: &'static str,
    name: &'static str,
}

impl<'a> Run<'a> {
    pub fn new(workplace: &'a Workplace, device: &'static str, name: &'static str) -> Self {
        Self { workplace, device, name }
    }

    /// A command that trains up to `steps`, with further arguments.
    pub fn command(&self, steps: u64, arguments: &str) -> Command {
        let Self { device, name, .. } = self;
        let line =
            format!("train --quiet --device {device} --keep 0 --steps {steps} --out {name} {SETTINGS} {arguments}");
        let mut command = self.workplace.command(&line);
        command.stdout(Stdio::null());
        command
    }

    /// Trains up to `steps`, which must succeed.
    #[track_caller]
    pub fn train(&self, steps: u64, arguments: &str) {
        succeeds(&mut self.command(steps, arguments));
    }

    pub fn folder(&self) -> PathBuf {
        self.workplace.path(self.name)
    }

    /// Both files of a checkpoint.
    pub fn checkpoint(&self, step: u64) -> [Vec<u8>; 2] {
        let folder = self.folder().join(checkpoint_name(step));
        ["state.safetensors", "state.json"].map(|name| fs::read(folder.join(name)).expect("the checkpoint is there"))
    }
}

fn checkpoint_name(step: u64) -> impl AsRef<Path> {
    format!("checkpoints/step-{step:08}")
}

/// Runs a command, which must succeed.
#[track_caller]
pub fn succeeds(command: &mut Command) {
    let status = command.status().expect("the program starts");
    assert!(status.success(), "{command:?}: {status}");
}
