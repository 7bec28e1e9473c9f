//! The runs as child processes, several at a time.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::run::Run;
use crate::interrupt::{self, Interrupt};
use crate::report::duration;

/// How often to look at the children.
const LOOK: Duration = Duration::from_millis(100);

/// Exit codes of a run that was asked to stop and has saved: after SIGHUP, Ctrl-C and SIGTERM.
const STOPPED: [i32; 3] = [129, 130, 143];

/// A run in progress.
struct Running<'a> {
    run: &'a Run,
    number: usize,
    child: Child,
    device: Option<String>,
    start: Instant,
}

/// Trains runs, at most `jobs` at a time, until all have ended. Each has one of the devices, if there are any, and shares
/// it with as few others as possible. Once the study is asked to stop, no further run begins
/// and the others are asked to save. A run that fails stops no other one; why it failed is in its log.
pub fn train(runs: &[&Run], jobs: usize, devices: &[String], interrupt: &Interrupt) {
    let mut waiting = runs.iter().enumerate();
    let mut running: Vec<Running> = Vec::new();
    let mut is_asked = false;
    loop {
        while running.len() < jobs && !interrupt.requested() {
            let Some((index, run)) = waiting.next() else { break };
            let device = least_used(devices, &running);
            say!("[{}/{}] {}", index + 1, runs.len(), run.command(device.as_deref()));
            match start(run, device.as_deref()) {
                Ok(child) => running.push(Running { run, number: index + 1, child, device, start: Instant::now() }),
                Err(error) => fail(run, &format!("{error:#}")),
            }
        }
        if running.is_empty() {
            return;
        }
        if interrupt.requested() && !is_asked {
            running.iter().for_each(|running| interrupt::ask_to_stop(&running.child));
            is_asked = true;
        }
        running.retain_mut(|running| !has_ended(running, runs.len()));
        thread::sleep(LOOK);
    }
}

/// The device with the fewest runs; the first of several.
fn least_used(devices: &[String], running: &[Running]) -> Option<String> {
    let runs = |device: &&String| running.iter().filter(|running| running.device.as_ref() == Some(device)).count();
    devices.iter().min_by_key(runs).cloned()
}

/// Begins a run or goes on with it; what it prints goes to its log.
fn start(run: &Run, device: Option<&str>) -> Result<Child> {
    let path = run.log();
    let log = File::create(&path).with_context(|| path.display().to_string())?;
    let program = env::current_exe().context("looking for this program")?;
    let mut command = Command::new(program);
    command.args(run.arguments(device)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().context("starting this program")
}

/// Whether a run has ended. If so, reports how.
fn has_ended(running: &mut Running, count: usize) -> bool {
    let Running { run, number, child, start, .. } = running;
    let ended = match child.try_wait() {
        Ok(None) => return false,
        Ok(Some(status)) => explain(run, status),
        Err(error) => Err(error.to_string()),
    };
    let how = match ended {
        Ok(how) => how.to_owned(),
        Err(why) => format!("failed: {why}; its log is {}", run.log().display()),
    };
    let took = duration(start.elapsed().as_secs_f64());
    say!("[{number}/{count}] {}: {how}, after {took}", run.folder.path.display());
    true
}

/// How a run has ended, or why it failed. If its log does not say why, as after a kill, it gets a line that does.
fn explain(run: &Run, status: ExitStatus) -> Result<&'static str, String> {
    if status.success() {
        return Ok("finished");
    }
    if status.code().is_some_and(|code| STOPPED.contains(&code)) {
        return Ok("stopped");
    }
    if run.error().is_none() {
        fail(run, &format!("the process ended without a message: {status}"));
    }
    Err(run.error().unwrap_or_else(|| status.to_string()))
}

/// Writes to a run's log why it failed.
fn fail(run: &Run, why: &str) {
    let path = run.log();
    let log = OpenOptions::new().create(true).append(true).open(&path);
    if let Err(error) = log.and_then(|mut log| writeln!(log, "error: {why}")) {
        say!("warning: {}: {error}; why the run failed: {why}", path.display());
    }
}
