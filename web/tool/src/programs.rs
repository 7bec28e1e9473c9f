//! Finding and running other programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The first of these programs that exists. Names are searched in `PATH`; a name with a `/` is a path.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = |name: &&str| folders.iter().map(|folder| folder.join(name)).collect::<Vec<_>>();
    names.iter().flat_map(places).find(|place| place.is_file())
}

/// The output of a program.
///
/// # Errors
/// If it is not there, or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let name = name(command);
    let output = command.output().with_context(|| name.clone())?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name}: {}: {}", output.status, complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program that shares our output.
///
/// # Errors
/// If it is not there, or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name(command);
    let status = command.status().with_context(|| name.clone())?;
    ensure!(status.success(), "{name}: {status}");
    Ok(())
}

/// Removes the variables that `cargo run` has set for this program, so that another cargo does not use them.
pub fn forget_cargo(command: &mut Command) {
    let ours =
        |name: &str| name == "LD_LIBRARY_PATH" || name == "CARGO" || OURS.iter().any(|start| name.starts_with(start));
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
}

const OURS: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
