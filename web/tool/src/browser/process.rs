//! A program with a folder of its own: its profile, its words, and what it announces there.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::programs;

/// A running program. Dropping it ends the program and removes its folder.
#[derive(Debug)]
pub struct Process {
    child: Child,
    folder: TempDir,
    name: String,
}

impl Process {
    /// Starts the first of these programs that exists, as `prepare` wants it in its new folder. What it prints goes to
    /// the files `stdout` and `stderr` there.
    ///
    /// # Errors
    /// If there is none, or it does not start.
    pub fn start(names: &[&str], prepare: impl FnOnce(&mut Command, &Path) -> Result<()>) -> Result<Self> {
        let program = programs::find(names).with_context(|| format!("found no {}", names.join(", no ")))?;
        let folder = TempDir::with_prefix("slgan-browser-")?;
        let output = |name| File::create(folder.path().join(name));
        let mut command = Command::new(&program);
        command.stdin(Stdio::null()).stdout(output("stdout")?).stderr(output("stderr")?);
        prepare(&mut command, folder.path())?;
        let name = program.display().to_string();
        let child = command.spawn().with_context(|| name.clone())?;
        Ok(Self { child, folder, name })
    }

    /// Waits until `ready`, which sees the program's folder, returns something.
    ///
    /// # Errors
    /// If the program ends before, or that takes too long, with its own words.
    pub fn wait_for<T>(&mut self, deadline: Instant, ready: impl Fn(&Path) -> Option<T>) -> Result<T> {
        while Instant::now() < deadline {
            if let Some(found) = ready(self.folder.path()) {
                return Ok(found);
            }
            if self.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let words = fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default();
        bail!("{} did not start: {}", self.name, words.trim())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already, and nobody is left to report to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::start(&["no-such-program", "sh"], |command, folder| {
            command.args(["-c", script]).current_dir(folder);
            Ok(())
        })
        .unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn what_a_program_announces_is_found() {
        let mut program = shell("sleep 0.1; echo 7 >port; sleep 10");
        let port = program.wait_for(soon(), |folder| fs::read_to_string(folder.join("port")).ok()?.trim().parse().ok());
        assert_eq!(port.ok(), Some(7));
    }

    #[test]
    fn a_program_that_ends_too_early_is_quoted() {
        let mut program = shell("echo no display >&2; exit 1");
        let error = program.wait_for::<()>(soon(), |_| None).unwrap_err().to_string();
        assert!(error.contains("sh did not start: no display"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Process::start(&["no-such-program"], |_, _| Ok(())).unwrap_err().to_string();
        assert_eq!(error, "found no no-such-program");
    }
}
