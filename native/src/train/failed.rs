//! What becomes of a run whose device fails: its checkpoints stand, and the user learns from which step it can go on.
//!
//! The state itself is lost with the device, or half of a step has changed it.

use anyhow::{Result, anyhow};
use slgan::train::{Outcome, TrainError};

use crate::device::{Fault, fault, plain};
use crate::run_folder::RunFolder;

/// The outcome of a run, or an error that explains what happened to its device. The folder is none in a process that
/// does not write it.
///
/// # Errors
/// If the run failed.
pub fn explain(
    result: Result<Result<Outcome, TrainError>, Fault>,
    folder: Option<&RunFolder>,
    device: &str,
    step: u64,
) -> Result<Outcome> {
    let reason = match result {
        Ok(Ok(outcome)) => return Ok(outcome),
        Err(fault) => fault.reason().to_owned(),
        Ok(Err(error)) => match (fault(), error.of_the_device()) {
            // The first fault is the cause of what follows.
            (Some(fault), _) => fault.reason().to_owned(),
            (None, Some(error)) => format!("reading it failed: {}", plain(&error.to_string())),
            (None, None) => return Err(error.into()),
        },
    };
    Err(match folder {
        Some(folder) => anyhow!(message(&reason, folder, device, step)),
        None => anyhow!("{device} failed after step {step}: {reason}; the last checkpoint stands"),
    })
}

fn message(reason: &str, folder: &RunFolder, device: &str, step: u64) -> String {
    let path = folder.path.display();
    let steps = folder.checkpoint_steps().unwrap_or_default();
    let saved = steps.into_iter().rev().find(|step| folder.is_whole(*step));
    let rest = match saved {
        Some(saved) => format!("what is saved is step {saved}; continue with --resume --out {path}"),
        None => format!("nothing is saved yet; begin again with --resume --out {path}"),
    };
    let is_full = ["memory", "allocate"].iter().any(|word| reason.to_lowercase().contains(word));
    let advice = if is_full { "; a smaller --batch takes less memory" } else { "" };
    format!("{path}: {device} failed after step {step}: {reason}{advice}; {rest}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_message_says_what_is_saved() {
        let root = TempDir::new().unwrap();
        let folder = RunFolder::at(root.path());
        let path = folder.path.display();
        let lost = message("Parent device is lost", &folder, "a GPU", 3);
        let expected = "a GPU failed after step 3: Parent device is lost; nothing is saved yet; begin again";
        assert_eq!(lost, format!("{path}: {expected} with --resume --out {path}"));

        // A folder without its files is no checkpoint.
        fs::create_dir_all(root.path().join(RunFolder::checkpoint_name(2))).unwrap();
        let full = message("wgpu error: Out of Memory", &folder, "a GPU", 3);
        assert!(full.contains("Out of Memory; a smaller --batch takes less memory; nothing is saved yet"), "{full}");
    }
}
