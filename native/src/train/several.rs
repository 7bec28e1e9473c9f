//! What a run of several processes needs before it begins.

use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result};
use pollster::block_on;
use slgan::config::{Config, Layer, entries};
use slgan::train::TrainError;
use slgan::train::exchange::{Exchange, Field, Phase, agree};
use slgan::train::seal::sha256;

use crate::cli::TrainArgs;
use crate::failure::{Usage, usage};
use crate::mpi::launch::launch;
use crate::mpi::{Group, Spent};
use crate::shell_line::line;

/// Keys that say where something is on a machine.
const PLACES: [&str; 2] = ["data", "device"];

/// Refuses several devices without a process for each.
///
/// # Errors
/// If the call names several devices, and no launcher has started this process. The error prints the right call.
pub fn check_devices(args: &TrainArgs) -> Result<()> {
    let count = args.devices.len();
    if count < 2 || launch().is_some() {
        return Ok(());
    }
    let words: Vec<String> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let call = line(["slgan"].into_iter().chain(words.iter().map(String::as_str)));
    let feature = if cfg!(feature = "mpi") { "" } else { " This program must first be built with --features mpi." };
    Err(Usage::new(format!(
        "--devices: each device needs a process of its own (docs/scale.md); call:\n  mpirun -n {count} {call}\n{feature}"
    )
    .trim_end())
    .into())
}

/// What exchanging took of a run's steps; none if there was only one process.
pub fn cost(group: &Group, before: Option<Spent>, took: Duration, steps: u64) -> Option<String> {
    let (before, after) = (before?, group.spent()?);
    let share = (after.time - before.time).as_secs_f64() / took.as_secs_f64().max(1e-9);
    let megabytes = (after.bytes - before.bytes) as f64 / 1e6 / steps.max(1) as f64;
    let (percent, ranks) = (100.0 * share, group.ranks());
    Some(format!(
        "{ranks} processes: {percent:.0} % of the time in exchanges, {megabytes:.2} MB sent per step and process"
    ))
}

/// As many shards as processes, for new runs that do not name another number.
pub fn shards(group: &Group) -> Option<Layer> {
    let ranks = group.ranks();
    (ranks > 1).then(|| Layer::from_flag(format!("{ranks} processes"), "shards", &ranks.to_string()))
}

/// Checks that all processes want the same run, and can share its work, before the first one makes a folder.
///
/// # Errors
/// If they differ, on all of them alike, or their number does not divide the shards.
pub fn check_plan(group: &Group, config: &Config) -> Result<()> {
    let (shards, ranks) = (config.shards, group.ranks());
    if !shards.is_multiple_of(ranks) {
        return Err(usage(TrainError::UnevenShards { shards, ranks }));
    }
    let keys = entries(config).into_iter().filter(|(key, _)| !PLACES.contains(&key.as_str()));
    let mut fields: Vec<Field> = keys.map(|(key, value)| (key, value.to_string())).collect();
    if ranks > 1 {
        fields.push(build()?);
    }
    Ok(block_on(agree(group, Phase::Start, &fields))?)
}

/// This program. Two builds of one version may still compute something else.
fn build() -> Result<Field> {
    let program = env::current_exe().context("the place of this program")?;
    let bytes = fs::read(&program).with_context(|| program.display().to_string())?;
    Ok(("the SHA-256 of the program".to_owned(), sha256(&bytes)))
}
