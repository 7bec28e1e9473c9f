//! `slgan study`: a grid of settings and seeds, and what the settings change.
//!
//! Every run is a child process, `slgan train` as anyone could call it, so a run of a study is an ordinary run folder.
//! What a study knows of its runs, it reads from their folders and logs. So it may be stopped or killed at any moment,
//! and the same call goes on.

mod children;
mod command_line;
mod csv_tables;
mod file;
mod job;
mod judged;
mod markdown;
mod metric;
mod outcome;
mod page;
mod results;
mod run;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::atomic;
use crate::claim::Claim;
use crate::cli::StudyArgs;
use crate::failure::Usage;
use crate::interrupt::Interrupt;
use crate::mpi::launch::{Launch, launch};
use crate::run_folder::RunFolder;
use crate::shell_line::line;
use file::Study;
use job::Job;
use judged::JudgeFile;
use outcome::{Outcome, State};
use results::Results;
use run::Run;

/// The file with the command of every run.
const COMMANDS: &str = "commands.txt";

/// Trains what is missing of a study, measures it if there is a judge, prints and writes its results, and returns the
/// program's exit code: 0 if all runs are finished and measured.
///
/// # Errors
/// If the study is wrong, a run folder is not one of its runs (exit code 2), or the folder cannot be written.
pub fn study(args: &StudyArgs) -> Result<ExitCode> {
    if let Some(Launch { ranks, .. }) = launch() {
        bail!(Usage::new(format!(
            "a study starts its runs itself, but a launcher has started {ranks} studies; call it without mpirun or srun, \
             with the devices in --devices"
        )));
    }
    let study = Study::read(&args.file, &args.set)?;
    let judge = args.judge.as_deref().map(JudgeFile::read).transpose()?;
    let out = args.out.clone().unwrap_or_else(|| Path::new("runs").join(&study.name));
    let runs = Run::all(&study, &out);
    let outcomes = outcomes(&study, judge.as_ref(), &runs)?;
    if args.dry_run {
        runs.iter().zip(&outcomes).for_each(|(run, outcome)| result!("{}  # {}", run.first_command(), outcome.state));
        return Ok(ExitCode::SUCCESS);
    }
    let interrupt = Interrupt::listen()?;
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let _claim = Claim::resumed(RunFolder::at(&out))?;
    let commands: String = runs.iter().map(|run| run.first_command() + "\n").collect();
    atomic::write_file(&out.join(COMMANDS), commands.as_bytes())?;
    interrupt.training_begins();
    let limit = args.jobs.unwrap_or(args.devices.len().max(1));
    children::run(&training(args, &runs, &outcomes), limit, &args.devices, &interrupt);
    if let Some(judge) = &judge {
        children::run(&measuring(judge, &study, &runs)?, limit, &args.devices, &interrupt);
    }
    let results = Results::read(&study, judge.as_ref(), runs)?;
    write(&results, &out)?;
    Ok(finish(args, &results, &interrupt))
}

/// What has come of each run.
fn outcomes(study: &Study, judge: Option<&JudgeFile>, runs: &[Run]) -> Result<Vec<Outcome>> {
    runs.iter().map(|run| Outcome::read(run, &study.settings[run.setting], judge)).collect()
}

/// The training that is missing.
fn training(args: &StudyArgs, runs: &[Run], outcomes: &[Outcome]) -> Vec<Job> {
    let is_due = |outcome: &Outcome| match outcome.state {
        State::Finished => false,
        State::Failed(_) | State::Diverged(_) => args.retry,
        State::Absent | State::Unfinished(_) => true,
    };
    runs.iter().zip(outcomes).filter(|(_, outcome)| is_due(outcome)).map(|(run, _)| run.training()).collect()
}

/// The measuring of finished runs that is missing.
fn measuring(judge: &JudgeFile, study: &Study, runs: &[Run]) -> Result<Vec<Job>> {
    let outcomes = outcomes(study, Some(judge), runs)?;
    let due = runs.iter().zip(&outcomes).filter(|(_, outcome)| is_unmeasured(outcome));
    Ok(due.map(|(run, _)| judge.measuring(run, &study.settings[run.setting])).collect())
}

/// Whether a run is finished, but has no scores of the judge that it was read with.
fn is_unmeasured(outcome: &Outcome) -> bool {
    outcome.is_finished() && outcome.judged.is_none()
}

/// Prints the results, and writes them in all forms.
fn write(results: &Results, out: &Path) -> Result<()> {
    let markdown = markdown::render(results);
    result!("{markdown}");
    let files: [(&str, Vec<u8>); 4] = [
        ("study.md", markdown.into_bytes()),
        ("study.csv", csv_tables::settings(results)?),
        ("runs.csv", csv_tables::runs(results)?),
        ("study.html", page::render(results).into_bytes()),
    ];
    for (name, bytes) in files {
        let path: PathBuf = out.join(name);
        atomic::write_file(&path, &bytes).with_context(|| path.display().to_string())?;
    }
    say!("the results are in {}", out.join("study.html").display());
    Ok(())
}

/// The command that goes on with a study, for a shell.
fn again(args: &StudyArgs) -> String {
    let set = args.set.iter().flat_map(|set| ["--set".to_owned(), set.clone()]);
    let paths = [("--out", &args.out), ("--judge", &args.judge)];
    let paths =
        paths.into_iter().filter_map(|(flag, path)| Some([flag.to_owned(), path.as_ref()?.display().to_string()]));
    let words = ["slgan".to_owned(), "study".to_owned(), args.file.display().to_string()];
    let words: Vec<String> = words.into_iter().chain(set).chain(paths.flatten()).collect();
    line(words.iter().map(String::as_str))
}

fn finish(args: &StudyArgs, results: &Results, interrupt: &Interrupt) -> ExitCode {
    let count = |is_wanted: fn(&State) -> bool| results.outcomes().filter(|outcome| is_wanted(&outcome.state)).count();
    let failed = count(|state| matches!(state, State::Failed(_) | State::Diverged(_)));
    let open = count(|state| matches!(state, State::Absent | State::Unfinished(_)));
    let unmeasured = results.judge.map_or(0, |_| results.outcomes().filter(|outcome| is_unmeasured(outcome)).count());
    let again = again(args);
    if failed > 0 {
        say!("runs that failed or diverged: {failed}; their logs say why; try them again with: {again} --retry");
    }
    if open > 0 {
        say!("runs that are not finished: {open}; go on with: {again}");
    }
    if unmeasured > 0 {
        say!(
            "runs that the judge has not measured: {unmeasured}; their logs (.judged.log) say why; go on with: {again}"
        );
    }
    match (interrupt.requested(), failed + open + unmeasured) {
        (true, 1..) => ExitCode::from(interrupt.exit_code()),
        (_, 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
