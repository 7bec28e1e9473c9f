//! Checkpoints: the whole state as bytes, and back.
//!
//! A checkpoint has two files: `state.safetensors` with every tensor by name, and `state.json` with the step, the
//! configuration and the checksum of the first file. Equal states give equal bytes: tensors are sorted, and there is no
//! metadata. The shell makes sure that the files reach a disk whole.

use burn::module::Module;
use burn::tensor::{Device, ExecutionError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::state::{State, Trained};
use super::subject::Subject;
use super::tensors::{NamedTensors, Precision, StoredTensors, TensorsError};
use crate::config::Config;
use crate::nn::parameters;

/// Name of the file with the tensors.
pub const TENSORS_FILE: &str = "state.safetensors";

/// Name of the file with everything else.
pub const HEADER_FILE: &str = "state.json";

/// The layout that this version writes and reads.
const FORMAT: u32 = 1;

/// A checkpoint as the bytes of its two files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckpointFiles {
    /// Contents of [`TENSORS_FILE`].
    pub tensors: Vec<u8>,
    /// Contents of [`HEADER_FILE`].
    pub header: Vec<u8>,
}

/// Everything in a checkpoint but the tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the layout.
    pub format: u32,
    /// Version of the library that wrote the checkpoint.
    pub version: String,
    /// Steps done.
    pub step: u64,
    /// Updates by the optimisers of generator, discriminator and classifier.
    pub updates: [u64; 3],
    /// SHA-256 of [`TENSORS_FILE`], in hexadecimal digits.
    pub sha256: String,
    /// The data and labels that the networks were made for.
    pub subject: Subject,
    /// The resolved configuration.
    pub config: Config,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The header is not JSON of the expected form.
    #[error("{HEADER_FILE}: not the header of a checkpoint")]
    Header(#[from] serde_json::Error),
    /// Another version wrote the checkpoint, with another layout.
    #[error("{HEADER_FILE}: expected format {FORMAT}, found {0}")]
    Format(u32),
    /// The header contradicts itself.
    #[error("{HEADER_FILE}: {0}")]
    Contradiction(String),
    /// The tensors do not have the checksum in the header.
    #[error("{TENSORS_FILE}: damaged: {len} bytes with SHA-256 {found}, but {HEADER_FILE} records {expected}")]
    Checksum {
        /// Bytes found.
        len: usize,
        /// Their checksum.
        found: String,
        /// The header's checksum.
        expected: String,
    },
    /// The tensors do not match the configuration, or are not a safetensors file.
    #[error("{TENSORS_FILE}: {0}")]
    Tensors(TensorsError),
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(ExecutionError),
}

impl From<TensorsError> for CheckpointError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::Device(error) => Self::Device(error),
            error => Self::Tensors(error),
        }
    }
}

/// Writes the checkpoint of a state.
///
/// # Errors
/// If the device cannot be read.
pub async fn write(state: &State, config: &Config, subject: &Subject) -> Result<CheckpointFiles, CheckpointError> {
    let tensors = named_tensors(state).write(Precision::Single, None).await?;
    let header = Header {
        format: FORMAT,
        version: crate::VERSION.to_owned(),
        step: state.step,
        updates: [
            state.generator.optimizer.updates,
            state.discriminator.optimizer.updates,
            state.classifier.optimizer.updates,
        ],
        sha256: sha256(&tensors),
        subject: subject.clone(),
        config: config.clone(),
    };
    Ok(CheckpointFiles { tensors, header: serde_json::to_vec_pretty(&header)? })
}

/// Reads the header alone.
///
/// # Errors
/// If the bytes are not a header of this version's layout, or the header contradicts itself.
pub fn read_header(bytes: &[u8]) -> Result<Header, CheckpointError> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: u32,
    }
    let FormatOnly { format } = serde_json::from_slice(bytes)?;
    if format != FORMAT {
        return Err(CheckpointError::Format(format));
    }
    let header: Header = serde_json::from_slice(bytes)?;
    header.config.validate().map_err(|error| CheckpointError::Contradiction(error.to_string()))?;
    header.subject.check(header.config.latent.dim).map_err(CheckpointError::Contradiction)?;
    Ok(header)
}

/// Puts the tensors of a checkpoint into `fresh`, a new state of the same configuration.
///
/// # Errors
/// If the bytes are damaged, or the tensors do not match the configuration exactly.
pub fn restore(fresh: State, header: &Header, tensors: &[u8], device: &Device) -> Result<State, CheckpointError> {
    let found = sha256(tensors);
    if found != header.sha256 {
        return Err(CheckpointError::Checksum { len: tensors.len(), found, expected: header.sha256.clone() });
    }
    let mut stored = StoredTensors::open(tensors, Precision::Single, device)?;
    let [generator, discriminator, classifier] = header.updates;
    let state = State {
        step: header.step,
        generator: trained(fresh.generator, "generator", generator, &mut stored)?,
        discriminator: trained(fresh.discriminator, "discriminator", discriminator, &mut stored)?,
        classifier: trained(fresh.classifier, "classifier", classifier, &mut stored)?,
        average: stored.take_module("average.", fresh.average)?,
        teacher: stored.take_module("teacher.", fresh.teacher)?,
    };
    stored.finish()?;
    Ok(state)
}

/// Every tensor of the state, by its full name.
fn named_tensors(state: &State) -> NamedTensors {
    let mut all = NamedTensors::default();
    add_trained(&mut all, "generator", &state.generator);
    add_trained(&mut all, "discriminator", &state.discriminator);
    add_trained(&mut all, "classifier", &state.classifier);
    all.add_module("average.", &state.average);
    all.add_module("teacher.", &state.teacher);
    all
}

fn add_trained<M: Module>(all: &mut NamedTensors, name: &str, trained: &Trained<M>) {
    let Trained { network, optimizer } = trained;
    all.add_module(&format!("{name}."), network);
    let shapes = parameters::shapes(network);
    let [first, second] = moments(name);
    all.add(&first, &shapes, optimizer.first_moments.clone());
    all.add(&second, &shapes, optimizer.second_moments.clone());
}

/// Name prefixes of an optimiser's tensors.
fn moments(network: &str) -> [String; 2] {
    [format!("{network}_first_moment."), format!("{network}_second_moment.")]
}

/// A network with its optimiser. A parameter that never had a gradient has no moments.
fn trained<M: Module>(
    fresh: Trained<M>,
    name: &str,
    updates: u64,
    stored: &mut StoredTensors<'_>,
) -> Result<Trained<M>, TensorsError> {
    let shapes = parameters::shapes(&fresh.network);
    let network = stored.take_module(&format!("{name}."), fresh.network)?;
    let mut optimizer = fresh.optimizer;
    optimizer.updates = updates;
    let [first, second] = moments(name);
    optimizer.first_moments = stored.take_present(&first, &shapes)?;
    optimizer.second_moments = stored.take_present(&second, &shapes)?;
    Ok(Trained { network, optimizer })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
