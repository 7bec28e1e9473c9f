//! `slgan train`: turns a command line into a run folder.
//!
//! What would refuse a run is found before anything slow begins, and leaves nothing behind. The order is: command line
//! and configuration, the run folder, its checkpoint, the device, the data.

mod best;
mod failed;
mod given_labels;
mod place;
mod plan;
mod saved;

use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use slgan::config::Config;
use slgan::data::{ImageShape, LoadOptions};
use slgan::train::Outcome;
use slgan::train::judge::Judge;
use slgan::train::label_table;
use slgan::train::state::State;
use slgan::train::task::Task;

use crate::claim::Claim;
use crate::cli::{BestMetric, CheckpointChoice, TrainArgs};
use crate::device::{self, Opened};
use crate::failure::usage;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::recorder::{Recorder, RecorderOptions};
use crate::run_folder::RunFolder;
use crate::{dataset, judge_cache, memory, report};
use plan::Plan;
use saved::Saved;
pub use saved::{LEFT_TO_DATA, differences};

/// Starts or resumes a run, and returns the program's exit code.
///
/// # Errors
/// If the call is wrong (exit code 2), or the run cannot be made or finished (exit code 1).
pub fn train(args: &TrainArgs) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let plan = Plan::new(args)?;
    best::check_config(args.best, &plan.config)?;
    let mut claim = plan.claim(args)?;
    interrupt.before_training(claim.undo());
    let which = args.checkpoint.unwrap_or(CheckpointChoice::Last);
    let saved = if plan.resumed.is_some() { Saved::load(&claim.folder, &which, &plan.config)? } else { None };
    if let Some(saved) = saved.as_ref().filter(|saved| saved.header.step >= plan.config.steps) {
        return report_again(args, &claim.folder, saved.header.step, &plan.config);
    }
    let opened = device::open(&plan.config.device)?;
    device::listen();
    let task = load(args, &plan)?.on(opened.class);
    note(args, &format!("device: {} ({})", opened.name, opened.reason));
    if task.device_class() != opened.class {
        note(args, &format!("device_class: the kernels for {} devices, as configured", task.device_class()));
    }
    memory::check_bindings(&task, opened.max_binding_bytes)?;
    best::check_data(args.best, &task)?;
    if let Some(saved) = &saved {
        saved.check_data(&claim.folder, &task)?;
    }
    let fresh = State::new(&task.config, &task.architecture(), &opened.device);
    let mut state = match saved {
        Some(saved) => saved.restore(&claim.folder, fresh, &opened)?,
        None => fresh,
    };
    let task = given_labels::added(task, &state, &opened)?;
    let judge = judge(args, &task, &opened)?;
    interrupt.training_begins();
    claim.begin(&task.config)?;
    let outcome = run(args, &claim, &task, &mut state, &opened, judge.as_ref(), &interrupt)?;
    report::write(&claim.folder.path)?;
    Ok(finish(args, &claim.folder, outcome, state.step, &interrupt))
}

/// Reports progress, unless the run is quiet.
fn note(args: &TrainArgs, text: &str) {
    if !args.quiet {
        say!("{text}");
    }
}

/// Makes the report of a finished run again, and makes up for what a kill after its last checkpoint prevented.
fn report_again(args: &TrainArgs, folder: &RunFolder, step: u64, config: &Config) -> Result<ExitCode> {
    if step == config.steps {
        folder.finish(step, best_metric(args).as_deref())?.iter().for_each(|note| say!("warning: {note}"));
    }
    report::write(&folder.path)?;
    let (path, report) = (folder.path.display(), folder.path.join("report.html"));
    let report = report.display();
    note(args, &format!("{path}: already at step {step}; made {report} again; a higher --steps continues the run"));
    Ok(ExitCode::SUCCESS)
}

fn load(args: &TrainArgs, plan: &Plan) -> Result<Task> {
    let config = &plan.config;
    let options = LoadOptions {
        seed: config.seed,
        folder_shape: ImageShape { channels: config.images.channels, size: config.images.size },
        skip_bad: config.images.skip_bad,
        ..LoadOptions::default()
    };
    let data = dataset::load(&plan.spec, &options)?;
    data.notes.iter().for_each(|line| note(args, &format!("data: {line}")));
    let task = Task::new(config.clone(), data).map_err(usage)?;
    label_table::check(&task).map_err(usage)?;
    memory::check_free(&task)?;
    Ok(task)
}

/// The judge, if there can be one. Only a run that needs it for `--best` is refused without it.
fn judge(args: &TrainArgs, task: &Task, opened: &Opened) -> Result<Option<Judge>> {
    if let Some(obstacle) = judge_cache::obstacle(task) {
        if task.config.report.judge {
            say!("warning: no judge: {obstacle}");
        }
        return Ok(None);
    }
    let is_needed = args.best.is_some_and(BestMetric::needs_judge);
    match judge_cache::judge(task, &opened.device, &|text| note(args, text)) {
        Ok(None) if is_needed => best::no_judge().map(|()| None),
        Err(error) if !is_needed => {
            say!("warning: no judge: {error:#}");
            Ok(None)
        }
        result => result,
    }
}

fn run(
    args: &TrainArgs,
    claim: &Claim,
    task: &Task,
    state: &mut State,
    opened: &Opened,
    judge: Option<&Judge>,
    interrupt: &Interrupt,
) -> Result<Outcome> {
    let options = RecorderOptions {
        keep: task.config.report.keep,
        best_metric: best_metric(args),
        images_per_step: task.config.batch,
        class_names: task.subject.class_names.clone(),
        tensorboard: args.tensorboard,
    };
    let progress = Progress::new(task.config.steps, state.step, args.quiet);
    let mut recorder = Recorder::new(claim.folder.clone(), options, progress, interrupt.clone(), state.step)?;
    let result = device::block_on(slgan::train::train(task, state, &opened.device, &opened.name, judge, &mut recorder));
    recorder.finish();
    failed::explain(result, &claim.folder, &opened.name, state.step)
}

fn best_metric(args: &TrainArgs) -> Option<String> {
    args.best.and_then(|metric| Some(metric.to_possible_value()?.get_name().to_owned()))
}

fn finish(args: &TrainArgs, folder: &RunFolder, outcome: Outcome, step: u64, interrupt: &Interrupt) -> ExitCode {
    let path = folder.path.display();
    match outcome {
        Outcome::Finished => {
            note(args, &format!("done: {}", folder.path.join("report.html").display()));
            ExitCode::SUCCESS
        }
        Outcome::Stopped => {
            note(args, &format!("saved at step {step}; continue with --resume --out {path}"));
            ExitCode::from(interrupt.exit_code())
        }
    }
}
