//! `cargo web continue`: a run of the program goes on in the tests' browser, as if a visitor had loaded it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::saving::{checkpoint, go_on_to, unpack};
use super::serve_in_background;
use super::visit::Visit;
use crate::browser::Engine;
use crate::{build, places};

/// Far above what hundreds of steps take on a software adapter.
const LIMIT: Duration = Duration::from_secs(6 * 3_600);

/// The options of `cargo web continue`.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder of the run.
    run: PathBuf,
    /// The step of its checkpoint.
    #[arg(long)]
    from: u64,
    /// The step at which the run ends.
    #[arg(long)]
    steps: u64,
    /// The browser engine.
    #[arg(long, default_value = "chromium")]
    engine: Engine,
    /// The device: the CPU in WebAssembly, or WebGPU in software.
    #[arg(long, value_parser = ["cpu", "gpu"])]
    device: String,
    /// Where the continued run goes: a folder that does not exist.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Use the previous build.
    #[arg(long, hide = true)]
    no_build: bool,
}

/// Builds the page, trains there, and saves the run.
///
/// # Errors
/// If the page cannot be built or shows an error, or the run cannot be written.
pub fn go_on(options: &Options) -> Result<()> {
    let Options { run, from, steps, engine, device, out, no_build } = options;
    ensure!(!out.exists(), "--out: {} exists", out.display());
    if !no_build {
        build::page()?;
    }
    let (origin, screenshots) = (serve_in_background(*engine)?, places::target("web-screenshots")?);
    let mut visit = Visit::start(*engine, LIMIT, device == "gpu", &origin, &screenshots)?;
    visit.open(&format!("device={device}"))?;
    visit.page.choose_files("#load-run", &checkpoint(run, *from))?;
    go_on_to(&mut visit, *from, *steps)?;
    let saved = visit.page.save_with("#save-run")?;
    visit.without_problems()?;
    let unpacked = unpack(&saved, out).with_context(|| out.display().to_string())?;
    println!("{}", unpacked.display());
    Ok(())
}
