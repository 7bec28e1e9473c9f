//! The program `slgan`. It does no mathematics: it reads the command line, passes bytes to the library, and writes the
//! library's results.

// First, because its macros serve all that follow.
#[macro_use]
mod output;

mod atomic;
mod bench;
mod cache;
mod claim;
mod cli;
mod compiling;
mod counter;
mod data_command;
mod dataset;
mod device;
mod devices;
mod eval;
mod event_log;
mod export;
mod failure;
mod fetch;
mod generate;
mod interrupt;
mod judge_cache;
mod judge_command;
mod label;
mod manual;
mod memory;
mod model;
mod mpi;
mod npz;
mod progress;
mod recorder;
mod regular_file;
mod report;
mod repro;
mod run_folder;
mod shaders;
mod shell_line;
mod study;
mod table;
mod tensorboard;
mod train;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Command;

fn main() -> ExitCode {
    hush_the_vulkan_loader();
    memory::keep_freed();
    device::prepare();
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(output::parse_failure(&error)),
    };
    match device::caught(|| run(&cli.command)).unwrap_or_else(|fault| Err(fault.into())) {
        Ok(code) => code,
        Err(error) => {
            say!("error: {error:#}");
            ExitCode::from(failure::exit_code(&error))
        }
    }
}

/// Without a desktop session, the search for adapters prints warnings about this variable that do not help users.
fn hush_the_vulkan_loader() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: the program does this first, so no other thread can be reading the environment.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}

fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Train(args) => train::train(args),
        Command::Study(args) => study::study(args),
        Command::Generate(args) => generate::generate(args).map(|()| ExitCode::SUCCESS),
        Command::Label(args) => label::label(args).map(|()| ExitCode::SUCCESS),
        Command::Export(args) => export::export(args).map(|()| ExitCode::SUCCESS),
        Command::Report(args) => report::report(args).map(|()| ExitCode::SUCCESS),
        Command::Devices(args) => devices::devices(args),
        Command::Bench(command) => bench::run(command).map(|()| ExitCode::SUCCESS),
        Command::Repro(command) => repro::run(command),
        Command::Data(command) => data_command::run(command).map(|()| ExitCode::SUCCESS),
        Command::Eval(args) => eval::eval(args).map(|()| ExitCode::SUCCESS),
        Command::Judge(command) => judge_command::run(command).map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => {
            manual::print_completions(*shell);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { folder } => manual::write_pages(folder).map(|()| ExitCode::SUCCESS),
    }
}
