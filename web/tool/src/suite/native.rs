//! The native program, which exchanges runs with the page.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::visit::Losses;
use crate::{places, programs};

/// Builds the program if needed, as `cargo run` does, runs it with these arguments, and returns its output.
///
/// # Errors
/// If it fails, with its own words.
pub fn slgan(arguments: &[&str]) -> Result<String> {
    let mut cargo = Command::new("cargo");
    programs::forget_cargo(&mut cargo);
    cargo.current_dir(places::root()).args(["run", "--release", "--quiet", "--"]).args(arguments);
    programs::output(&mut cargo).with_context(|| format!("slgan {}", arguments.join(" ")))
}

/// As [`slgan`], for commands that print JSON.
///
/// # Errors
/// If the program fails, or prints anything else.
pub fn json(arguments: &[&str]) -> Result<Value> {
    let text = slgan(arguments)?;
    serde_json::from_str(&text).with_context(|| format!("slgan {}: no JSON", arguments.join(" ")))
}

/// The losses of all steps in a run folder.
///
/// # Errors
/// If it cannot be read.
pub fn losses(run: &Path) -> Result<Losses> {
    let text = std::fs::read_to_string(run.join("events.jsonl")).context("events.jsonl")?;
    let mut losses = Losses::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line)?;
        if event["event"] == "step" {
            let step = event["step"].as_u64().context("a step without a number")?;
            losses.insert(step, ["d_loss", "g_loss", "c_loss"].map(|name| event[name].as_f64()));
        }
    }
    Ok(losses)
}

/// Compares the losses of these steps from different programs.
///
/// # Errors
/// If a step or a loss is missing, or two losses differ by more than a thousandth of their size.
pub fn ensure_close(found: &Losses, expected: &Losses, steps: impl IntoIterator<Item = u64>) -> Result<()> {
    for step in steps {
        let [found, expected] = [("found", found), ("expected", expected)].map(|(name, losses)| {
            losses.get(&step).with_context(|| format!("step {step} is missing in the {name} losses"))
        });
        for (found, expected) in found?.iter().zip(expected?) {
            let (Some(found), Some(expected)) = (found, expected) else {
                bail!("step {step}: losses of {found:?} and {expected:?}")
            };
            let difference = (found - expected).abs();
            ensure!(difference <= 1e-3 * expected.abs().max(1.0), "step {step}: a loss of {found}, not {expected}");
        }
    }
    Ok(())
}
