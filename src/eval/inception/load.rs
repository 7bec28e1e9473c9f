//! Weights from a file that the user names, in PyTorch's format or as safetensors.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors};

use super::blocks::{Convolution, Convolutions};
use super::layers::{LayerShape, layers};
use super::network::{CLASSES, FEATURES, Inception};
use super::resize::Resize;
use crate::data::DataError;
use crate::data::torch::{TorchTensor, read_weights};
use crate::kernels::class::DeviceClass;
use crate::train::seal::sha256;

/// How the SHA-256 of the published file begins: `pt_inception-2015-12-05-6726825d.pth` bears it in its name.
pub const PUBLISHED_SHA256: &str = "6726825d";

/// Added to a variance before it divides (TensorFlow's file).
const EPSILON: f64 = 1e-3;

/// Why a file does not hold the network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InceptionError {
    /// It is no file of weights, or damaged.
    #[error(transparent)]
    File(#[from] DataError),
    /// A tensor is missing, or has another shape.
    #[error("tensor `{name}`: expected {expected:?}, found {found}; this is a file of another network")]
    Tensor {
        /// Its name.
        name: String,
        /// The shape in this network.
        expected: Vec<usize>,
        /// What is in the file.
        found: String,
    },
    /// A number is infinite or not a number.
    #[error("tensor `{name}`: expected finite numbers, found {found}")]
    NotFinite {
        /// The name of the tensor.
        name: String,
        /// The number.
        found: f32,
    },
}

/// Tensors by name.
type Weights = BTreeMap<String, TorchTensor>;

impl Inception {
    /// The network from the bytes of a file, for a device of a class.
    ///
    /// # Errors
    /// If it is no file of weights, is damaged, or holds another network.
    pub fn load(bytes: &[u8], resize: Resize, device: &Device, class: DeviceClass) -> Result<Self, InceptionError> {
        let weights = if is_safetensors(bytes) { read_safetensors(bytes)? } else { read_weights(bytes)? };
        let by_name = layers().into_iter().map(|layer| {
            let convolution = folded(&weights, &layer, device)?;
            Ok((layer.name, convolution))
        });
        let by_name: Result<BTreeMap<String, Convolution>, InceptionError> = by_name.collect();
        let output_weight = take(&weights, "fc.weight", &[CLASSES, FEATURES])?.to_vec();
        let output_bias = take(&weights, "fc.bias", &[CLASSES])?.to_vec();
        Ok(Self {
            convolutions: Convolutions { by_name: by_name?, class },
            output_weight: Tensor::from_data(TensorData::new(output_weight, [CLASSES, FEATURES]), device),
            output_bias: Tensor::from_data(TensorData::new(output_bias, [CLASSES]), device),
            resize,
            sha256: sha256(bytes),
        })
    }

    /// Whether the file is the published one, bit for bit.
    pub fn is_published(&self) -> bool {
        self.sha256.starts_with(PUBLISHED_SHA256)
    }
}

/// The normalisation after a convolution is linear, so it becomes part of the weights.
fn folded(weights: &Weights, layer: &LayerShape, device: &Device) -> Result<Convolution, InceptionError> {
    let LayerShape { name, shape } = layer;
    let outputs = shape[0];
    let kernel = take(weights, &format!("{name}.conv.weight"), shape)?;
    let part = |field: &str| take(weights, &format!("{name}.bn.{field}"), &[outputs]);
    let (scale, shift, mean, variance) = (part("weight")?, part("bias")?, part("running_mean")?, part("running_var")?);
    let factor = |output: usize| f64::from(scale[output]) / (f64::from(variance[output]) + EPSILON).sqrt();
    let of_output = kernel.len() / outputs;
    let numbers = kernel.iter().enumerate();
    let kernel: Vec<f32> = numbers.map(|(at, &number)| (f64::from(number) * factor(at / of_output)) as f32).collect();
    let bias = (0..outputs).map(|output| f64::from(shift[output]) - f64::from(mean[output]) * factor(output));
    let bias: Vec<f32> = bias.map(|bias| bias as f32).collect();
    Ok(Convolution {
        weight: Tensor::from_data(TensorData::new(kernel, *shape), device),
        bias: Tensor::from_data(TensorData::new(bias, [outputs]), device),
    })
}

/// The numbers of a tensor of a shape.
fn take<'a>(weights: &'a Weights, name: &str, shape: &[usize]) -> Result<&'a [f32], InceptionError> {
    let other = |found: String| InceptionError::Tensor { name: name.to_owned(), expected: shape.to_vec(), found };
    let TorchTensor { dims, values } = weights.get(name).ok_or_else(|| other("no such tensor".to_owned()))?;
    if dims != shape {
        return Err(other(format!("{dims:?}")));
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(&found) => Err(InceptionError::NotFinite { name: name.to_owned(), found }),
        None => Ok(values),
    }
}

/// A safetensors file begins with the length of its text, and that text is an object.
fn is_safetensors(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{') && !bytes.starts_with(b"PK")
}

fn read_safetensors(bytes: &[u8]) -> Result<Weights, DataError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| DataError::Content {
        file: "weights".to_owned(),
        expected: "a safetensors file".to_owned(),
        found: error.to_string(),
    })?;
    let single = file.iter().filter(|(_, view)| view.dtype() == Dtype::F32);
    let tensor = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
        let values = view.data().as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
        (name.to_owned(), TorchTensor { dims: view.shape().to_vec(), values })
    };
    Ok(single.map(tensor).collect())
}
