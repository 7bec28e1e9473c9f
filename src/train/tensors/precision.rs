//! How a file holds numbers.

use burn::tensor::TensorData;
use half::f16;
use safetensors::tensor::Dtype;

use super::error::TensorsError;

/// How a file holds numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As float32, exactly.
    Single,
    /// As float16, rounded.
    Half,
}

impl Precision {
    pub(super) fn dtype(self) -> Dtype {
        match self {
            Self::Single => Dtype::F32,
            Self::Half => Dtype::F16,
        }
    }

    pub(super) fn encode(self, data: &TensorData) -> Vec<u8> {
        match self {
            Self::Single => data.bytes().to_vec(),
            Self::Half => data.iter::<f32>().flat_map(|x| f16::from_f32(x).to_le_bytes()).collect(),
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::Single => bytes.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect(),
            Self::Half => bytes.as_chunks::<2>().0.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect(),
        }
    }

    /// The first number that is not finite.
    fn first_not_finite(self, bytes: &[u8]) -> Option<f32> {
        let is_bad = |number: &f32| !number.is_finite();
        match self {
            Self::Single => bytes.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).find(is_bad),
            Self::Half => bytes.as_chunks::<2>().0.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).find(is_bad),
        }
    }

    /// Checks the numbers of a tensor.
    pub(super) fn check_finite(self, name: &str, bytes: &[u8]) -> Result<(), TensorsError> {
        match self.first_not_finite(bytes) {
            None => Ok(()),
            Some(number) => {
                Err(TensorsError::NotFinite { name: name.to_owned(), found: format!("{number} ({:?})", self.dtype()) })
            }
        }
    }
}
