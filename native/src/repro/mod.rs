//! `slgan repro`: reports that show whether two platforms compute the same thing.

mod adapter;
mod compare;
mod environment;
mod progress;
mod run;
mod summary;
mod system;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::ReproCommand;

/// Runs a command of `slgan repro`.
///
/// # Errors
/// If the command fails; see the commands.
pub fn run(command: &ReproCommand) -> Result<ExitCode> {
    match command {
        ReproCommand::Run(args) => run::run(args),
        ReproCommand::Compare(args) => compare::run(args),
    }
}
