//! What a saved judge says of itself: what it was trained for, and its seal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::train::seal::{self, BrokenSeal};
use crate::train::tensors::{TensorsError, read_metadata};

/// The key of [`Saved`] in the metadata.
const KEY: &str = "slgan-judge";

/// Why a saved judge cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedJudgeError {
    /// Its tensors are damaged, or do not fit this data set.
    #[error(transparent)]
    Tensors(#[from] TensorsError),
    /// An older version wrote it.
    #[error("it has no checksum, because an older version wrote it")]
    Unsealed,
    /// It has changed since it was written.
    #[error(transparent)]
    Broken(#[from] BrokenSeal),
    /// It was trained for something else, or in another way.
    #[error("it is {found}, but this run needs one {expected}")]
    Another {
        /// What it was trained for.
        found: String,
        /// What the run needs.
        expected: String,
    },
}

/// What a judge was trained for, and how. The shapes of its tensors say the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Training {
    /// The contents of the data set.
    pub fingerprint: String,
    /// The kind of trunk, with its widths.
    pub trunk: String,
    /// Steps of training.
    pub steps: u64,
    /// Images per step.
    pub batch: usize,
    /// The learning rate of the first step.
    pub learning_rate: f64,
}

impl fmt::Display for Training {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fingerprint, trunk, steps, batch, learning_rate } = self;
        write!(formatter, "for contents {fingerprint} ({trunk}, {steps} steps of {batch} images at {learning_rate})")
    }
}

/// The entry of metadata.
#[derive(Serialize, Deserialize)]
struct Saved {
    training: Training,
    /// The last field, so that [`seal::close`] finds it.
    seal: String,
}

/// The entry of metadata of a new file, with a place for the seal.
pub(super) fn entry(training: Training) -> (&'static str, String) {
    let saved = Saved { training, seal: seal::BLANK.to_owned() };
    (KEY, serde_json::to_string(&saved).expect("text and finite numbers are valid JSON"))
}

/// Checks that a saved judge is whole, and was trained as it would be now.
pub(super) fn check(file: &[u8], expected: &Training) -> Result<(), SavedJudgeError> {
    let (text, entry) = read_metadata(file, KEY)?;
    let saved: Option<Saved> = entry.and_then(|entry| serde_json::from_str(&entry).ok());
    let Saved { training, seal } = saved.ok_or(SavedJudgeError::Unsealed)?;
    seal::check(file, text, &seal)?;
    if training == *expected {
        return Ok(());
    }
    Err(SavedJudgeError::Another { found: training.to_string(), expected: expected.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::tensors::{NamedTensors, Precision};

    fn training() -> Training {
        let fingerprint = "0123456789ab".to_owned();
        Training { fingerprint, trunk: "Strided [8]".into(), steps: 2_000, batch: 64, learning_rate: 1e-3 }
    }

    fn file() -> Vec<u8> {
        pollster::block_on(NamedTensors::default().write_sealed(Precision::Single, entry(training()))).unwrap()
    }

    #[test]
    fn it_is_known_by_what_it_was_trained_for() {
        assert!(check(&file(), &training()).is_ok());
        let other = Training { fingerprint: "ba9876543210".into(), ..training() };
        let error = check(&file(), &other).unwrap_err().to_string();
        assert!(error.contains("contents 0123456789ab") && error.contains("contents ba9876543210"), "{error}");
    }

    #[test]
    fn every_changed_bit_is_found() {
        let file = file();
        for place in 0..file.len() {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[place] ^= 1 << bit;
                assert!(check(&changed, &training()).is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn a_file_of_an_older_version_is_called_one() {
        let older = pollster::block_on(NamedTensors::default().write(Precision::Single, None)).unwrap();
        let error = check(&older, &training()).unwrap_err();
        assert!(matches!(error, SavedJudgeError::Unsealed), "{error}");
    }
}
