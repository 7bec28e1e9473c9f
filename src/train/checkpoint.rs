//! Checkpoints: the whole state as bytes, and back.
//!
//! A checkpoint has two files: `state.safetensors` with every tensor by name, and `state.json` with the step, the
//! configuration, the checksum of the first file and a seal, which is its own checksum. Equal states give equal bytes:
//! tensors are sorted, and there is no metadata. The shell makes sure that the files reach a disk whole.

use burn::module::Module;
use burn::tensor::{Device, ExecutionError};

use super::header;
pub use super::header::{Header, HeaderError};
pub use super::seal::BrokenSeal;
use super::seal::sha256;
use super::state::{State, Trained};
use super::subject::Subject;
use super::tensors::{NamedTensors, Precision, StoredTensors, TensorsError, check_finite};
use crate::config::Config;
use crate::labels::{Confusion, LabelTable};
use crate::nn::parameters;

/// Name of the file with the tensors.
pub const TENSORS_FILE: &str = "state.safetensors";

/// Name of the file with everything else.
pub const HEADER_FILE: &str = "state.json";

/// Names of the tensors of the label table.
const TABLE_LABELS: &str = "label_table.labels";
const TABLE_GATES: &str = "label_table.gates";
const TABLE_CONFUSION: &str = "label_table.confusion";

/// A checkpoint as the bytes of its two files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckpointFiles {
    /// Contents of [`TENSORS_FILE`].
    pub tensors: Vec<u8>,
    /// Contents of [`HEADER_FILE`].
    pub header: Vec<u8>,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The header cannot be used.
    #[error("{HEADER_FILE}: {0}")]
    Header(HeaderError),
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

impl From<HeaderError> for CheckpointError {
    fn from(error: HeaderError) -> Self {
        Self::Header(error)
    }
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
/// If the device cannot be read, or a number is not finite.
pub async fn write(state: &State, config: &Config, subject: &Subject) -> Result<CheckpointFiles, CheckpointError> {
    let tensors = named_tensors(state).write(Precision::Single, None).await?;
    let updates =
        [state.generator.optimizer.updates, state.discriminator.optimizer.updates, state.classifier.optimizer.updates];
    let header = Header::new(state, updates, sha256(&tensors), subject, config).to_file()?;
    Ok(CheckpointFiles { tensors, header })
}

/// Reads the header alone.
///
/// # Errors
/// If the bytes are not a header, have changed since they were written, or contradict themselves.
pub fn read_header(bytes: &[u8]) -> Result<Header, CheckpointError> {
    Ok(header::read(bytes, bytes, bytes.len())?)
}

/// Checks that tensors are those of a header, and whole, without a device.
///
/// # Errors
/// If the bytes are damaged, or a number is not finite.
pub fn verify(header: &Header, tensors: &[u8]) -> Result<(), CheckpointError> {
    let found = sha256(tensors);
    if found != header.sha256 {
        return Err(CheckpointError::Checksum { len: tensors.len(), found, expected: header.sha256.clone() });
    }
    Ok(check_finite(tensors)?)
}

/// Puts the tensors of a checkpoint into `fresh`, a new state of the same configuration.
///
/// # Errors
/// If the bytes are damaged, a number is not finite, or the tensors do not match the configuration exactly.
pub fn restore(fresh: State, header: &Header, tensors: &[u8], device: &Device) -> Result<State, CheckpointError> {
    verify(header, tensors)?;
    let mut stored = StoredTensors::open(tensors, Precision::Single, device)?;
    let [generator, discriminator, classifier] = header.updates;
    let state = State {
        step: header.step,
        generator: trained(fresh.generator, "generator", generator, &mut stored)?,
        discriminator: trained(fresh.discriminator, "discriminator", discriminator, &mut stored)?,
        classifier: trained(fresh.classifier, "classifier", classifier, &mut stored)?,
        average: stored.take_module("average.", fresh.average)?,
        teacher: stored.take_module("teacher.", fresh.teacher)?,
        label_table: label_table(&mut stored, &header.subject)?,
        device_class: fresh.device_class,
        restored_from: Some(header.device_class),
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
    if let Some(table) = &state.label_table {
        all.add_numbers(TABLE_LABELS, table.labels().iter().map(|&label| f32::from(label)).collect());
        all.add_numbers(TABLE_GATES, table.passes().iter().map(|&passes| f32::from(u8::from(passes))).collect());
        if let Some(confusion) = table.confusion() {
            all.add_numbers(TABLE_CONFUSION, confusion.labels().iter().map(|&label| f32::from(label)).collect());
        }
    }
    all
}

/// The label table, if the state had one.
fn label_table(stored: &mut StoredTensors<'_>, subject: &Subject) -> Result<Option<LabelTable>, TensorsError> {
    let count = subject.train_images;
    let (labels, gates) = (stored.take_numbers(TABLE_LABELS, count)?, stored.take_numbers(TABLE_GATES, count)?);
    let (labels, gates) = match (labels, gates) {
        (None, None) => return Ok(None),
        (labels, gates) => (labels.unwrap_or_default(), gates.unwrap_or_default()),
    };
    let confusion = stored.take_numbers(TABLE_CONFUSION, subject.label_count * Confusion::IMAGES)?;
    for (name, numbers) in [(TABLE_LABELS, &labels), (TABLE_GATES, &gates)] {
        if numbers.len() != count {
            return Err(bad_tensor(name, format!("{count} numbers"), "none".to_owned()));
        }
    }
    let below = |name: &str, numbers: &[f32], end: usize| match numbers.iter().find(|number| !is_whole(**number, end)) {
        Some(number) => Err(bad_tensor(name, format!("whole numbers below {end}"), number.to_string())),
        None => Ok(()),
    };
    below(TABLE_LABELS, &labels, subject.label_count)?;
    below(TABLE_GATES, &gates, 2)?;
    below(TABLE_CONFUSION, confusion.as_deref().unwrap_or_default(), subject.label_count)?;
    let whole = |numbers: Vec<f32>| numbers.into_iter().map(|label| label as u16).collect();
    let passes = gates.into_iter().map(|gate| gate == 1.0).collect();
    let table = LabelTable::new(whole(labels), passes, subject.label_count);
    Ok(Some(table.with_confusion(confusion.map(|labels| Confusion::of(whole(labels))))))
}

fn is_whole(number: f32, end: usize) -> bool {
    number >= 0.0 && libm::floorf(number) == number && number < end as f32
}

fn bad_tensor(name: &str, expected: String, found: String) -> TensorsError {
    TensorsError::Tensor { name: name.to_owned(), expected, found }
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
