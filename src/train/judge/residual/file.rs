//! The file of a residual judge: its weights, what is known about it, and a seal.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::facts::{ImpossibleFacts, JudgeFacts};
use super::residual_judge::ResidualJudge;
use crate::kernels::class::DeviceClass;
use crate::nn::{Initializer, ResidualClassifier};
use crate::train::seal::{self, BrokenSeal};
use crate::train::tensors::{NamedTensors, Precision, StoredTensors, TensorsError, read_metadata};

/// The key of [`Saved`] in the metadata.
const KEY: &str = "slgan-residual-judge";

/// Why a file is no judge.
#[derive(Debug, thiserror::Error)]
pub enum JudgeFileError {
    /// Its tensors are damaged, or are those of another network.
    #[error(transparent)]
    Tensors(#[from] TensorsError),
    /// It has changed since it was written.
    #[error(transparent)]
    Broken(#[from] BrokenSeal),
    /// It has none of the facts that `slgan judge train` writes.
    #[error("expected a judge from `slgan judge train`, found a safetensors file of something else")]
    NotAJudge,
    /// Its facts contradict what any judge can be.
    #[error(transparent)]
    Impossible(#[from] ImpossibleFacts),
}

/// The entry of metadata.
#[derive(Serialize, Deserialize)]
struct Saved {
    facts: JudgeFacts,
    /// The last field, so that [`seal::close`] finds it.
    seal: String,
}

impl ResidualJudge {
    /// Writes the judge as a safetensors file with a checksum.
    ///
    /// # Errors
    /// If the device cannot be read, or a weight is not finite.
    pub async fn save(&self) -> Result<Vec<u8>, TensorsError> {
        let mut tensors = NamedTensors::default();
        tensors.add_module("", &self.network);
        let saved = Saved { facts: self.facts.clone(), seal: seal::BLANK.to_owned() };
        let entry = serde_json::to_string(&saved).expect("text and finite numbers are valid JSON");
        tensors.write_sealed(Precision::Single, (KEY, entry)).await
    }

    /// Loads a judge from the bytes of [`Self::save`], for a device of a class.
    ///
    /// # Errors
    /// If the bytes are damaged, or are no judge.
    pub fn load(bytes: &[u8], device: &Device, class: DeviceClass) -> Result<Self, JudgeFileError> {
        let facts = JudgeFacts::read(bytes)?;
        let init = Initializer::new(facts.seed, "residual judge", device).of_class(class);
        let network = ResidualClassifier::new(facts.image, facts.class_names.len(), &init);
        let mut stored = StoredTensors::open(bytes, Precision::Single, device)?;
        let network = stored.take_module("", network)?;
        stored.finish()?;
        Ok(Self { network, facts })
    }
}

impl JudgeFacts {
    /// What the bytes of [`ResidualJudge::save`] say of the judge. Its weights are not looked at.
    ///
    /// # Errors
    /// If the bytes have changed since they were written, or are no judge.
    pub fn read(bytes: &[u8]) -> Result<Self, JudgeFileError> {
        let (text, entry) = read_metadata(bytes, KEY)?;
        let saved = entry.and_then(|entry| serde_json::from_str::<Saved>(&entry).ok());
        let Saved { facts, seal } = saved.ok_or(JudgeFileError::NotAJudge)?;
        seal::check(bytes, text, &seal)?;
        facts.check()?;
        Ok(facts)
    }
}
