//! Jobs as child processes, several at a time.

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::job::Job;
use crate::interrupt::{self, Interrupt};
use crate::report::duration;

/// How often to look at the children.
const LOOK: Duration = Duration::from_millis(100);

/// Exit codes of a run that was asked to stop and has saved: after SIGHUP, Ctrl-C and SIGTERM.
const STOPPED: [i32; 3] = [129, 130, 143];

/// A job in progress.
struct Running<'a> {
    job: &'a Job,
    number: usize,
    child: Child,
    device: Option<String>,
    start: Instant,
}

/// Does jobs, at most `limit` at a time, until all have ended. Each has one of the devices, if there are any, and shares
/// it with as few others as possible. Once the study is asked to stop, no further job begins
/// and the others are asked to save. A job that fails stops no other one; why it failed is in its log.
pub fn run(jobs: &[Job], limit: usize, devices: &[String], interrupt: &Interrupt) {
    let mut waiting = jobs.iter().enumerate();
    let mut running: Vec<Running> = Vec::new();
    let mut is_asked = false;
    loop {
        while running.len() < limit && !interrupt.requested() {
            let Some((index, job)) = waiting.next() else { break };
            let device = least_used(devices, &running);
            say!("[{}/{}] {}", index + 1, jobs.len(), job.command(device.as_deref()));
            match job.start(device.as_deref()) {
                Ok(child) => running.push(Running { job, number: index + 1, child, device, start: Instant::now() }),
                Err(error) => job.fail(&format!("{error:#}")),
            }
        }
        if running.is_empty() {
            return;
        }
        if interrupt.requested() && !is_asked {
            running.iter().for_each(|running| interrupt::ask_to_stop(&running.child));
            is_asked = true;
        }
        running.retain_mut(|running| !has_ended(running, jobs.len(), is_asked));
        thread::sleep(LOOK);
    }
}

/// The device with the fewest jobs; the first of several.
fn least_used(devices: &[String], running: &[Running]) -> Option<String> {
    let jobs = |device: &&String| running.iter().filter(|running| running.device.as_ref() == Some(device)).count();
    devices.iter().min_by_key(jobs).cloned()
}

/// Whether a job has ended. If so, reports how.
fn has_ended(running: &mut Running, count: usize, is_asked: bool) -> bool {
    let Running { job, number, child, start, .. } = running;
    let ended = match child.try_wait() {
        Ok(None) => return false,
        Ok(Some(status)) => explain(job, status, is_asked),
        Err(error) => Err(error.to_string()),
    };
    let how = match ended {
        Ok(how) => how.to_owned(),
        Err(why) => format!("failed: {why}; its log is {}", job.log.display()),
    };
    let took = duration(start.elapsed().as_secs_f64());
    say!("[{number}/{count}] {}: {how}, after {took}", job.folder.display());
    true
}

/// How a job has ended, or why it failed. If its log does not say why, as after a kill, it gets a line that does.
fn explain(job: &Job, status: ExitStatus, is_asked: bool) -> Result<&'static str, String> {
    if status.success() {
        return Ok("finished");
    }
    // One that has nothing to save ends by the signal itself, which leaves no code.
    if status.code().map_or(is_asked, |code| STOPPED.contains(&code)) {
        return Ok("stopped");
    }
    if job.error().is_none() {
        job.fail(&format!("the process ended without a message: {status}"));
    }
    Err(job.error().unwrap_or_else(|| status.to_string()))
}
