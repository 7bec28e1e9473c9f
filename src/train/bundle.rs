//! Bundles: a trained model in one small file, for use without further training.
//!
//! A bundle is a safetensors file with the averaged generator and the teacher in half precision. Its one entry of
//! metadata is the checkpoint's header.

use burn::tensor::Device;

use super::checkpoint::{CheckpointError, Header, read_header};
use super::state::State;
use super::tensors::{NamedTensors, Precision, StoredTensors, read_metadata};
use crate::labels::Teacher;
use crate::nn::{Architecture, Generator};

/// The key of the header in the metadata.
const HEADER_KEY: &str = "slgan";

/// A trained model, ready for use.
#[derive(Debug)]
pub struct Bundle {
    /// The header of the checkpoint.
    pub header: Header,
    /// The averaged generator.
    pub generator: Generator,
    /// The teacher.
    pub teacher: Teacher,
}

/// Writes the bundle of a state.
///
/// # Errors
/// If the device cannot be read.
pub async fn write(state: &State, header: &Header) -> Result<Vec<u8>, CheckpointError> {
    let mut tensors = NamedTensors::default();
    tensors.add_module("average.", &state.average);
    tensors.add_module("teacher.", &state.teacher);
    let header = serde_json::to_string(header)?;
    Ok(tensors.write(Precision::Half, Some((HEADER_KEY, header))).await?)
}

/// Reads a model from the bytes of a bundle.
///
/// # Errors
/// If the bytes are damaged, or not a bundle.
pub fn read(bytes: &[u8], device: &Device) -> Result<Bundle, CheckpointError> {
    let header = read_metadata(bytes, HEADER_KEY)?.unwrap_or_default();
    let header = read_header(header.as_bytes())?;
    let architecture = Architecture::new(&header.config, header.subject.image, header.subject.label_count);
    let fresh = State::new(&header.config, &architecture, device);
    let mut stored = StoredTensors::open(bytes, Precision::Half, device)?;
    Ok(Bundle {
        generator: stored.take_module("average.", fresh.average)?,
        teacher: stored.take_module("teacher.", fresh.teacher)?,
        header,
    })
}
