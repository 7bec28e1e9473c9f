//! Tensors to safetensors and back, for checkpoints, bundles and judges.
//!
//! Equal tensors give equal bytes: safetensors sorts them by name. There is at most one entry of metadata, because
//! several would have a random order.

use std::collections::{BTreeMap, HashMap};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

mod error;
mod precision;

pub use error::TensorsError;
pub use precision::Precision;

use super::seal;
use crate::nn::parameters::{self, Named};

/// Bytes of the number at the start of a file, which is the length of the text that follows.
const LENGTH_BYTES: usize = 8;

/// Shapes by parameter name.
type Shapes = BTreeMap<String, Vec<usize>>;

/// Tensors to write, by name.
#[derive(Debug, Default)]
pub struct NamedTensors(BTreeMap<String, (Vec<usize>, Tensor<1>)>);

impl NamedTensors {
    /// Adds every parameter of a module, with `prefix` before its name.
    pub fn add_module<M: Module>(&mut self, prefix: &str, module: &M) {
        self.add(prefix, &parameters::shapes(module), parameters::values(module));
    }

    /// Adds flat values with the shapes of their parameters, and `prefix` before their names.
    pub fn add(&mut self, prefix: &str, shapes: &Shapes, values: Named) {
        let shaped =
            values.into_iter().map(|(name, value)| (format!("{prefix}{name}"), (shapes[&name].clone(), value)));
        self.0.extend(shaped);
    }

    /// Adds numbers of the host.
    pub fn add_numbers(&mut self, name: &str, numbers: Vec<f32>) {
        let count = [numbers.len()];
        let numbers = Tensor::from_data(TensorData::new(numbers, count), &Device::flex());
        self.0.insert(name.to_owned(), (count.to_vec(), numbers));
    }

    /// Writes a safetensors file, with an optional entry of metadata.
    ///
    /// # Errors
    /// If the device cannot be read, or a number is not finite in this precision.
    pub async fn write(self, precision: Precision, entry: Option<(&str, String)>) -> Result<Vec<u8>, TensorsError> {
        let mut encoded = Vec::with_capacity(self.0.len());
        for (name, (shape, tensor)) in self.0 {
            let data = tensor.into_data_async().await.map_err(TensorsError::Device)?;
            let bytes = precision.encode(&data);
            precision.check_finite(&name, &bytes)?;
            encoded.push((name, shape, bytes));
        }
        let views = encoded.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(precision.dtype(), shape.clone(), bytes);
            (name, view.expect("as many values as the shape says"))
        });
        let metadata = entry.map(|(key, value)| HashMap::from([(key.to_owned(), value)]));
        Ok(safetensors::serialize(views, metadata).expect("the names of a network's tensors fit into a header"))
    }

    /// Writes a safetensors file, and puts its seal in the place of the zeros that the entry of metadata has for it.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_sealed(self, precision: Precision, entry: (&str, String)) -> Result<Vec<u8>, TensorsError> {
        let key = entry.0.to_owned();
        let mut file = self.write(precision, Some(entry)).await?;
        let (text, _) = read_metadata(&file, &key)?;
        seal::close(&mut file, text);
        Ok(file)
    }
}

/// The number of bytes before the tensors, and the value of a key of the metadata, or none if there is no such key.
///
/// # Errors
/// If the bytes are not a safetensors file.
pub fn read_metadata(bytes: &[u8], key: &str) -> Result<(usize, Option<String>), TensorsError> {
    let (text, metadata) = SafeTensors::read_metadata(bytes).map_err(TensorsError::File)?;
    let value = metadata.metadata().as_ref().and_then(|entries| entries.get(key).cloned());
    Ok((LENGTH_BYTES + text, value))
}

/// The SHA-256 of each tensor of a file, by name.
///
/// # Errors
/// If the bytes are not a safetensors file.
pub fn digests(bytes: &[u8]) -> Result<Vec<(String, String)>, TensorsError> {
    let file = SafeTensors::deserialize(bytes).map_err(TensorsError::File)?;
    let digests: BTreeMap<_, _> =
        file.iter().map(|(name, view)| (name.to_owned(), seal::sha256(view.data()))).collect();
    Ok(digests.into_iter().collect())
}

/// Checks the float32 tensors of a file, without a device.
///
/// # Errors
/// If the bytes are not a safetensors file, or a number is not finite.
pub fn check_finite(bytes: &[u8]) -> Result<(), TensorsError> {
    let file = SafeTensors::deserialize(bytes).map_err(TensorsError::File)?;
    let mut single = file.iter().filter(|(_, view)| view.dtype() == Dtype::F32);
    single.try_for_each(|(name, view)| Precision::Single.check_finite(name, view.data()))
}

/// The tensors of a file that have not been taken yet, by name.
#[derive(Debug)]
pub struct StoredTensors<'a> {
    left: BTreeMap<String, TensorView<'a>>,
    precision: Precision,
    device: &'a Device,
}

impl<'a> StoredTensors<'a> {
    /// Opens a file of a precision. The tensors will go to `device`.
    ///
    /// # Errors
    /// If the bytes are not a safetensors file.
    pub fn open(bytes: &'a [u8], precision: Precision, device: &'a Device) -> Result<Self, TensorsError> {
        let file = SafeTensors::deserialize(bytes).map_err(TensorsError::File)?;
        Ok(Self { left: file.tensors().into_iter().collect(), precision, device })
    }

    /// `fresh` with all of its parameters from the file, where `prefix` precedes their names.
    ///
    /// # Errors
    /// If a tensor is missing, or has another shape or type, or a number that is not finite.
    pub fn take_module<M: Module>(&mut self, prefix: &str, fresh: M) -> Result<M, TensorsError> {
        let shapes = parameters::shapes(&fresh);
        let mut values = self.take_present(prefix, &shapes)?;
        match shapes.iter().find(|(name, _)| !values.contains_key(*name)) {
            None => Ok(parameters::with_values(fresh, &mut values)),
            Some((name, shape)) => Err(TensorsError::Tensor {
                name: format!("{prefix}{name}"),
                expected: described(self.precision.dtype(), shape),
                found: "no such tensor".to_owned(),
            }),
        }
    }

    /// The tensors of `shapes` that the file has, flat. In the file, `prefix` precedes their names.
    ///
    /// # Errors
    /// If a tensor has another shape or type, or a number that is not finite.
    pub fn take_present(&mut self, prefix: &str, shapes: &Shapes) -> Result<Named, TensorsError> {
        let mut found = Named::new();
        for (short, shape) in shapes {
            let name = format!("{prefix}{short}");
            if let Some(view) = self.left.remove(&name) {
                found.insert(short.clone(), self.tensor(name, &view, shape)?);
            }
        }
        Ok(found)
    }

    /// `count` numbers for the host, if the file has them.
    ///
    /// # Errors
    /// If the tensor has another shape or type, or a number that is not finite.
    pub fn take_numbers(&mut self, name: &str, count: usize) -> Result<Option<Vec<f32>>, TensorsError> {
        let view = self.left.remove(name);
        view.map(|view| self.numbers(name.to_owned(), &view, &[count])).transpose()
    }

    /// Ends reading.
    ///
    /// # Errors
    /// If a tensor was not taken.
    pub fn finish(mut self) -> Result<(), TensorsError> {
        match self.left.pop_first() {
            None => Ok(()),
            Some((name, view)) => Err(TensorsError::Tensor {
                name,
                expected: "no such tensor".to_owned(),
                found: described(view.dtype(), view.shape()),
            }),
        }
    }

    fn tensor(&self, name: String, view: &TensorView<'_>, shape: &[usize]) -> Result<Tensor<1>, TensorsError> {
        let values = self.numbers(name, view, shape)?;
        let count = values.len();
        Ok(Tensor::from_data(TensorData::new(values, [count]), self.device))
    }

    fn numbers(&self, name: String, view: &TensorView<'_>, shape: &[usize]) -> Result<Vec<f32>, TensorsError> {
        let dtype = self.precision.dtype();
        if view.dtype() != dtype || view.shape() != shape {
            let (expected, found) = (described(dtype, shape), described(view.dtype(), view.shape()));
            return Err(TensorsError::Tensor { name, expected, found });
        }
        self.precision.check_finite(&name, view.data())?;
        Ok(self.precision.decode(view.data()))
    }
}

fn described(dtype: Dtype, shape: &[usize]) -> String {
    format!("{dtype:?} {shape:?}")
}

#[cfg(test)]
mod tests;
