//! `cargo web report`: a report of the reproducibility suite from a browser, saved as a visitor would save it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::comparing;
use super::serve_in_background;
use super::visit::Visit;
use crate::browser::Engine;
use crate::{build, places};

/// Far above what the standard suite takes on a software adapter.
const LIMIT: Duration = Duration::from_secs(2 * 3_600);

/// The options of `cargo web report`.
#[derive(Debug, Args)]
pub struct Options {
    /// The browser engine.
    #[arg(long, default_value = "chromium")]
    engine: Engine,
    /// The device: the CPU in WebAssembly, or WebGPU in software.
    #[arg(long, value_parser = ["cpu", "gpu"])]
    device: String,
    /// The suite.
    #[arg(long, default_value = "standard", value_parser = ["standard", "brief"])]
    suite: String,
    /// Where the report goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Use the previous build.
    #[arg(long, hide = true)]
    no_build: bool,
}

/// Builds the page, runs the suite there, and copies the saved report.
///
/// # Errors
/// If the page cannot be built or shows an error, or the file cannot be written.
pub fn make(options: &Options) -> Result<()> {
    let Options { engine, device, suite, out, no_build } = options;
    if !no_build {
        build::page()?;
    }
    let (origin, screenshots) = (serve_in_background(*engine)?, places::target("web-screenshots")?);
    let mut visit = Visit::start(*engine, LIMIT, device == "gpu", &origin, &screenshots)?;
    let saved = comparing::make_report(&mut visit, device, suite)?;
    visit.without_problems()?;
    fs::copy(saved, out).with_context(|| out.display().to_string())?;
    println!("{}", out.display());
    Ok(())
}
