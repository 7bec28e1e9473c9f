//! Builds, serves and tests the page: `cargo web build`, `serve` and `test`. `cargo web report` makes a report of the
//! reproducibility suite in the tests' browser, and `cargo web continue` trains there.
//!
//! This program is beside the crate of the page's module, but runs natively and does not use the library: it knows only
//! what a browser sees of the page.

mod browser;
mod build;
mod places;
mod programs;
mod serve;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, serves and tests the page.
#[derive(Debug, Parser)]
#[command(name = "cargo web", bin_name = "cargo web")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the page into web/dist, and measure what its views load.
    Build {
        /// Do not measure, which takes a minute.
        #[arg(long)]
        dev: bool,
    },
    /// Serve the page on this machine, for development.
    Serve {
        /// The port of 127.0.0.1; 0 takes a free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// The folder to serve [default: web/dist].
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Build the page and test it in a real browser, headless and with WebGPU in software.
    Test(suite::Options),
    /// Continue a run of the program in that browser, and save it.
    Continue(suite::continued::Options),
    /// Run the reproducibility suite in that browser, and save its report.
    Report(suite::report::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Build { dev: true } => build::page()?,
        Command::Build { dev: false } => build::measured_page()?,
        Command::Serve { port, dir } => serve::serve(port, &dir.unwrap_or_else(places::dist))?,
        Command::Test(options) => return suite::run(&options),
        Command::Continue(options) => suite::continued::go_on(&options)?,
        Command::Report(options) => suite::report::make(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
