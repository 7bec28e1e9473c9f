//! Bundles: what it takes to use a trained model, in one small file.
//!
//! A bundle is a safetensors file with the averaged generator and the teacher in half precision, and the checkpoint's
//! header as its one entry of metadata. It cannot be trained further.

use burn::tensor::Device;

use super::checkpoint::{CheckpointError, Header, read_header};
use super::state::State;
use super::tensors::{NamedTensors, Precision, StoredTensors, read_metadata};
use crate::labels::Teacher;
use crate::nn::{Architecture, Generator};

/// The key of the header in the metadata.
const HEADER_KEY: &str = "slgan";

/// A model to be used.
#[derive(Debug)]
pub struct Bundle {
    /// What the checkpoint said of itself.
    pub header: Header,
    /// The averaged generator.
    pub generator: Generator,
    /// The teacher.
    pub teacher: Teacher,
}

/// The bundle of a state, as bytes.
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

/// A model from the bytes of a bundle.
///
/// # Errors
/// If they are damaged, or not a bundle.
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
