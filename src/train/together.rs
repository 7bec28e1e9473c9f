//! What the ranks of a run compare, and how they follow the first one.

use super::checkpoint::{self, CheckpointError, CheckpointFiles};
use super::error::TrainError;
use super::exchange::{Exchange, ExchangeError, Field, Phase, agree};
use super::shell::Control;
use super::state::State;
use super::task::Task;
use super::tensors::digests;
use crate::config::entries;

/// Keys that say where something is on a machine. Data are compared by their contents.
const PLACES: [&str; 2] = ["data", "device"];

/// What the first rank's shell can want of all ranks.
const WORDS: [Control; 3] = [Control::Continue, Control::Save, Control::Stop];

/// Compares what decides a run before its first step: the program's version, the configuration, the data, the class of
/// the kernels, and the state.
///
/// # Errors
/// If a rank has something else than the first one, or cannot be reached; if the device cannot be read.
pub async fn compare_starts(exchange: &impl Exchange, task: &Task, state: &State) -> Result<(), TrainError> {
    if exchange.ranks() == 1 {
        return Ok(());
    }
    let keys = entries(&task.config).into_iter().filter(|(key, _)| !PLACES.contains(&key.as_str()));
    let mut fields = vec![("version".to_owned(), crate::VERSION.to_owned())];
    fields.extend(keys.map(|(key, value)| (key, value.to_string())));
    fields.push(("the SHA-256 of the data".to_owned(), task.subject.fingerprint.clone()));
    fields.push(("the class of the kernels".to_owned(), state.device_class.to_string()));
    fields.push(("the number of steps done".to_owned(), state.step.to_string()));
    agree(exchange, Phase::Start, &fields).await?;
    let files = checkpoint::write(state, &task.config, &task.subject).await?;
    compare_states(exchange, &files).await
}

/// Compares the states that the ranks are about to save.
///
/// # Errors
/// If a tensor of a rank differs from the first one's, or a rank cannot be reached.
pub async fn compare_states(exchange: &impl Exchange, files: &CheckpointFiles) -> Result<(), TrainError> {
    if exchange.ranks() == 1 {
        return Ok(());
    }
    let digests = digests(&files.tensors).map_err(CheckpointError::from)?.into_iter();
    let fields: Vec<Field> = digests.map(|(name, digest)| (name, format!("SHA-256 {digest}"))).collect();
    Ok(agree(exchange, Phase::Digests, &fields).await?)
}

/// What the first rank wants, on every rank.
///
/// # Errors
/// If a rank cannot be reached.
pub async fn follow(exchange: &impl Exchange, wanted: Control) -> Result<Control, ExchangeError> {
    if exchange.ranks() == 1 {
        return Ok(wanted);
    }
    let word = WORDS.iter().position(|&word| word == wanted).into_iter().map(|word| word as u8).collect();
    let said = exchange.all_gather(Phase::Control, word).await?;
    let known = said[0].first().and_then(|&word| WORDS.get(usize::from(word)));
    let unknown = || ExchangeError { rank: 0, phase: Phase::Control, reason: format!("unknown words {:?}", said[0]) };
    known.copied().ok_or_else(unknown)
}
