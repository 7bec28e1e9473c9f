//! Why tensors cannot be written or read.

use burn::tensor::ExecutionError;
use safetensors::SafeTensorError;

/// Why tensors cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TensorsError {
    /// The bytes are not a safetensors file.
    #[error("not a safetensors file: {0}")]
    File(SafeTensorError),
    /// A tensor is missing or unexpected, or has another shape or type.
    #[error("tensor `{name}`: expected {expected}, found {found}")]
    Tensor {
        /// Its name.
        name: String,
        /// The expected shape and type.
        expected: String,
        /// The shape and type in the file.
        found: String,
    },
    /// A number is infinite or not a number.
    #[error("tensor `{name}`: expected finite numbers, found {found}")]
    NotFinite {
        /// The name of the tensor.
        name: String,
        /// The number.
        found: String,
    },
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(ExecutionError),
}
