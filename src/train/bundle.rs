//! Bundles: a trained model in one small file, for use without further training.
//!
//! A bundle is a safetensors file with the averaged generator and the teacher in half precision. Its one entry of
//! metadata is the checkpoint's header, whose seal is the checksum of the whole file.

use burn::tensor::Device;

use super::header::{self, Header, HeaderError};
use super::state::State;
use super::tensors::{NamedTensors, Precision, StoredTensors, TensorsError, read_metadata};
use crate::kernels::class::DeviceClass;
use crate::labels::Teacher;
use crate::nn::architecture::device_class;
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

/// Why a bundle cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The header cannot be used.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The tensors cannot be used, or the device cannot be read.
    #[error(transparent)]
    Tensors(#[from] TensorsError),
}

/// Writes the bundle of a state.
///
/// # Errors
/// If the device cannot be read, or a number is not finite in half precision.
pub async fn write(state: &State, header: &Header) -> Result<Vec<u8>, BundleError> {
    let mut tensors = NamedTensors::default();
    tensors.add_module("average.", &state.average);
    tensors.add_module("teacher.", &state.teacher);
    Ok(tensors.write_sealed(Precision::Half, (HEADER_KEY, header.to_part()?)).await?)
}

/// Reads a model from the bytes of a bundle, for a software device.
///
/// # Errors
/// If the bytes are damaged, a number is not finite, or they are not a bundle.
pub fn read(bytes: &[u8], device: &Device) -> Result<Bundle, BundleError> {
    read_for(DeviceClass::default(), bytes, device)
}

/// [`read`] for a device of a class.
///
/// # Errors
/// As [`read`].
pub fn read_for(class: DeviceClass, bytes: &[u8], device: &Device) -> Result<Bundle, BundleError> {
    let (text, header) = read_metadata(bytes, HEADER_KEY)?;
    let header = header::read(header.unwrap_or_default().as_bytes(), bytes, text)?;
    let architecture = Architecture::new(&header.config, header.subject.image, header.subject.label_count)
        .of_class(device_class(&header.config, class));
    let fresh = State::new(&header.config, &architecture, device);
    let mut stored = StoredTensors::open(bytes, Precision::Half, device)?;
    let generator = stored.take_module("average.", fresh.average)?;
    let teacher = stored.take_module("teacher.", fresh.teacher)?;
    stored.finish()?;
    Ok(Bundle { header, generator, teacher })
}
