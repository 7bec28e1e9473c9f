//! `slgan train`: turns a command line into a run folder.
//!
//! What would refuse a run is found before anything slow begins, and leaves nothing behind. The order is: command line
//! and configuration, the run folder, its checkpoint, the device, the data.

mod best;
mod failed;
mod given_labels;
mod place;
mod plan;
mod rank_shell;
mod saved;
mod several;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use slgan::config::Config;
use slgan::data::{ImageShape, LoadOptions};
use slgan::train::judge::Judge;
use slgan::train::label_table;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Outcome, train_together};

use crate::claim::Claim;
use crate::cli::{BestMetric, CheckpointChoice, TrainArgs};
use crate::device::{self, Opened};
use crate::failure::usage;
use crate::interrupt::Interrupt;
use crate::mpi::Group;
use crate::progress::Progress;
use crate::recorder::{Recorder, RecorderOptions};
use crate::run_folder::RunFolder;
use crate::{dataset, judge_cache, memory, report};
use plan::Plan;
use rank_shell::RankShell;
use saved::Saved;
pub use saved::{LEFT_TO_DATA, differences};

/// Starts or resumes a run, and returns the program's exit code.
///
/// # Errors
/// If the call is wrong (exit code 2), or the run cannot be made or finished (exit code 1). If there are several
/// processes, an error ends them all, here.
pub fn train(args: &TrainArgs) -> Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    several::check_devices(args)?;
    let group = Group::join(Duration::from_secs(args.deadline), &interrupt)?;
    let code = train_in(&group, args, &interrupt);
    group.conclude(code).map(ExitCode::from)
}

fn train_in(group: &Group, args: &TrainArgs, interrupt: &Interrupt) -> Result<u8> {
    let plan = Plan::new(args, group)?;
    several::check_plan(group, &plan.config)?;
    let mut claim = if group.is_first() { Some(claim(args, &plan, interrupt)?) } else { None };
    let folder = claim.as_ref().map_or_else(|| plan.folder(args), |claim| claim.folder.clone());
    let which = args.checkpoint.unwrap_or(CheckpointChoice::Last);
    let saved = if plan.resumed.is_some() { Saved::load(&folder, &which, &plan.config, group)? } else { None };
    if let Some(saved) = saved.as_ref().filter(|saved| saved.header.step >= plan.config.steps) {
        let again = || report_again(args, &folder, saved.header.step, &plan.config);
        return if group.is_first() { group.alone(again) } else { Ok(0) };
    }
    let (task, opened) = group.alone(|| prepare(args, &plan, group, saved.as_ref(), &folder))?;
    let fresh = State::new(&task.config, &task.architecture(), &opened.device);
    let mut state = match saved {
        Some(saved) => saved.restore(&folder, fresh, &opened)?,
        None => fresh,
    };
    let task = group.alone(|| given_labels::added(task, &state, &opened))?;
    let judge = if group.is_first() { group.alone(|| judge(args, &task, &opened))? } else { None };
    interrupt.training_begins();
    if let Some(claim) = &mut claim {
        claim.begin(&task.config)?;
    }
    let training = Training { args, folder: &folder, task: &task, opened: &opened, judge: judge.as_ref(), interrupt };
    let outcome = training.run(&mut state, group)?;
    if group.is_first() {
        group.alone(|| report::write(&folder.path))?;
        note_end(args, &folder, outcome, state.step);
    }
    Ok(if interrupt.requested() && outcome == Outcome::Stopped { interrupt.exit_code() } else { 0 })
}

/// Takes the run's folder, which goes again if the run is refused.
fn claim(args: &TrainArgs, plan: &Plan, interrupt: &Interrupt) -> Result<Claim> {
    best::check_config(args.best, &plan.config)?;
    let claim = plan.claim(args)?;
    interrupt.before_training(claim.undo());
    Ok(claim)
}

/// Opens the device and loads the data.
fn prepare(
    args: &TrainArgs,
    plan: &Plan,
    group: &Group,
    saved: Option<&Saved>,
    folder: &RunFolder,
) -> Result<(Task, Opened)> {
    let opened = device::open(&device::of_process(&plan.config.device, &args.devices, group.place())?)?;
    device::listen();
    let task = load(args, plan)?.on(opened.class);
    note(args, &format!("device: {} ({})", opened.name, opened.reason));
    if task.device_class() != opened.class {
        note(args, &format!("device_class: the kernels for {} devices, as configured", task.device_class()));
    }
    memory::check_bindings(&task, opened.max_binding_bytes)?;
    if group.is_first() {
        best::check_data(args.best, &task)?;
    }
    if let Some(saved) = saved {
        saved.check_data(folder, &task)?;
    }
    Ok((task, opened))
}

/// Reports progress, unless the run is quiet.
fn note(args: &TrainArgs, text: &str) {
    if !args.quiet {
        say!("{text}");
    }
}

/// Makes the report of a finished run again, and makes up for what a kill after its last checkpoint prevented.
fn report_again(args: &TrainArgs, folder: &RunFolder, step: u64, config: &Config) -> Result<u8> {
    if step == config.steps {
        folder.finish(step, best_metric(args).as_deref())?.iter().for_each(|note| say!("warning: {note}"));
    }
    report::write(&folder.path)?;
    let (path, report) = (folder.path.display(), folder.path.join("report.html"));
    let report = report.display();
    note(args, &format!("{path}: already at step {step}; made {report} again; a higher --steps continues the run"));
    Ok(0)
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

/// What trains, and what watches it.
struct Training<'a> {
    args: &'a TrainArgs,
    folder: &'a RunFolder,
    task: &'a Task,
    opened: &'a Opened,
    judge: Option<&'a Judge>,
    interrupt: &'a Interrupt,
}

impl Training<'_> {
    fn run(&self, state: &mut State, group: &Group) -> Result<Outcome> {
        let recorder = if group.is_first() { Some(self.recorder(state.step)?) } else { None };
        let mut shell = RankShell::new(recorder, group);
        let Self { task, opened, judge, .. } = *self;
        let (first, begun, spent) = (state.step, Instant::now(), group.spent());
        let trained = train_together(group, task, state, &opened.device, &opened.name, judge, &mut shell);
        let result = device::block_on(trained);
        shell.finish();
        several::cost(group, spent, begun.elapsed(), state.step - first)
            .into_iter()
            .for_each(|cost| note(self.args, &cost));
        failed::explain(result, group.is_first().then_some(self.folder), &opened.name, state.step)
    }

    fn recorder(&self, step: u64) -> Result<Recorder> {
        let options = RecorderOptions {
            keep: self.task.config.report.keep,
            best_metric: best_metric(self.args),
            images_per_step: self.task.config.batch,
            class_names: self.task.subject.class_names.clone(),
            tensorboard: self.args.tensorboard,
        };
        let progress = Progress::new(self.task.config.steps, step, self.args.quiet);
        Recorder::new(self.folder.clone(), options, progress, self.interrupt.clone(), step)
    }
}

fn best_metric(args: &TrainArgs) -> Option<String> {
    args.best.and_then(|metric| Some(metric.to_possible_value()?.get_name().to_owned()))
}

fn note_end(args: &TrainArgs, folder: &RunFolder, outcome: Outcome, step: u64) {
    let path = folder.path.display();
    match outcome {
        Outcome::Finished => note(args, &format!("done: {}", folder.path.join("report.html").display())),
        Outcome::Stopped => note(args, &format!("saved at step {step}; continue with --resume --out {path}")),
    }
}
