//! The tests of the page, each in its own browser: one at a time, because they also measure time and memory.

mod accessibility;
mod comparing;
pub mod continued;
mod controls;
mod datasets;
mod exploring;
mod failures;
mod folders;
mod hostile;
mod kernels;
mod labelling;
mod looks;
mod memory;
mod native;
mod recovery;
pub mod report;
mod saving;
mod shipped;
mod strict;
mod test;
mod training;
mod visit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::browser::Engine;
use crate::serve::{self, Site};
use crate::{build, places};
use test::Test;

/// The options of `cargo web test`.
#[derive(Debug, Args)]
pub struct Options {
    /// An engine to test in, which must be there; may be given several times [default: all that are there].
    #[arg(long = "engine", value_name = "ENGINE")]
    engines: Vec<Engine>,
    /// Also run the long tests: memory must not grow during 5,000 steps, the reproducibility suite on WebGPU, and in
    /// other engines than Chromium all that takes minutes.
    #[arg(long)]
    long: bool,
    /// Run only tests whose name contains this.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Where screenshots go [default: web-screenshots in cargo's target folder].
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Test the previous build.
    #[arg(long, hide = true)]
    no_build: bool,
}

/// Tests that measure time come early, before the others warm up the machine; long tests come last.
const SUBJECTS: [&[Test]; 17] = [
    shipped::TESTS,
    training::TESTS,
    controls::TESTS,
    saving::TESTS,
    strict::TESTS,
    exploring::TESTS,
    labelling::TESTS,
    comparing::TESTS,
    datasets::TESTS,
    folders::TESTS,
    failures::TESTS,
    hostile::TESTS,
    recovery::TESTS,
    accessibility::TESTS,
    looks::TESTS,
    kernels::TESTS,
    memory::TESTS,
];

/// Builds the page, runs the tests in each engine and prints their results.
///
/// # Errors
/// If the page cannot be built, no test matches the filter, or an engine is not there.
pub fn run(options: &Options) -> Result<ExitCode> {
    let tests = chosen(options);
    ensure!(!tests.is_empty(), "no test matches the filter");
    let engines = engines(&options.engines)?;
    if !options.no_build {
        build::page()?;
    }
    if tests.iter().any(|test| test.program) {
        // The first build takes minutes, longer than the limit of any test.
        native::slgan(&["--version"])?;
    }
    let screenshots = options.keep.clone().map_or_else(|| places::target("web-screenshots"), Ok)?;
    std::fs::create_dir_all(&screenshots)?;
    let mut failed = 0;
    for engine in engines {
        failed += failures(engine, &tests, options.long, &screenshots)?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The engines that were asked for, which must be there; else all that are there, and a line for each that is not.
fn engines(asked: &[Engine]) -> Result<Vec<Engine>> {
    for engine in asked {
        engine.find().with_context(|| engine.to_string())?;
    }
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    let mut found = Vec::new();
    for engine in Engine::value_variants() {
        match engine.find() {
            Ok(()) => found.push(*engine),
            Err(error) => println!("SKIPPED {engine}: {error}"),
        }
    }
    ensure!(!found.is_empty(), "no browser is here");
    Ok(found)
}

fn chosen(options: &Options) -> Vec<&'static Test> {
    let part = options.filter.as_deref().unwrap_or_default();
    SUBJECTS.into_iter().flatten().filter(|test| test.name.contains(part)).collect()
}

/// Runs in an engine what it can run, and returns how many tests fail. The last line says how many lack what.
fn failures(engine: Engine, tests: &[&Test], long: bool, screenshots: &Path) -> Result<usize> {
    let origin = serve_in_background(engine)?;
    let (start, mut failed, mut lacking) = (Instant::now(), 0, BTreeMap::<_, usize>::new());
    for test in tests {
        match test.lacks(engine, long) {
            Some(what) => *lacking.entry(what).or_insert(0) += 1,
            None => failed += usize::from(!passes(test, engine, &origin, screenshots)),
        }
    }
    let passed = tests.len() - failed - lacking.values().sum::<usize>();
    let lacking: String = lacking.iter().map(|(what, count)| format!(", {count} not run without {what}")).collect();
    println!("{engine}: {passed} passed, {failed} failed{lacking}, in {} s", start.elapsed().as_secs());
    Ok(failed)
}

/// Serves the page and the tests' own pages; returns their origin. Only DevTools shows a page's errors by itself.
fn serve_in_background(engine: Engine) -> Result<String> {
    let folders = vec![("/fixtures/", places::web().join("tool/fixtures")), ("/", places::dist())];
    let first_script = (!engine.has_devtools()).then_some("/fixtures/watch.js");
    let listener = serve::listen(0)?;
    let origin = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || serve::answer_all(&listener, Site { folders, first_script }));
    Ok(origin)
}

fn passes(test: &Test, engine: Engine, origin: &str, screenshots: &Path) -> bool {
    let start = Instant::now();
    let outcome = test.visit(engine, origin, screenshots);
    print(&format!("{engine} {}", test.name), start.elapsed(), &outcome);
    outcome.is_ok()
}

/// Prints a line for a test, and more if it has failed.
fn print(name: &str, elapsed: Duration, outcome: &Result<Vec<String>>) {
    let seconds = elapsed.as_secs_f64();
    match outcome {
        Ok(notes) if notes.is_empty() => println!("ok     {seconds:>6.1} s  {name}"),
        Ok(notes) => println!("ok     {seconds:>6.1} s  {name}: {}", notes.join("; ")),
        Err(error) => println!("FAILED {seconds:>6.1} s  {name}\n    {}", format!("{error:#}").replace('\n', "\n    ")),
    }
}
