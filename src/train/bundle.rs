//! Bundles: what it takes to use a trained model, in one small file.
//!
//! A bundle is a safetensors file with the averaged generator and the teacher in half precision, and the checkpoint's
//! header as its one entry of metadata. It cannot be trained further.

use std::collections::HashMap;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::checkpoint::{CheckpointError, Header, read_header};
use super::state::State;
use crate::labels::Teacher;
use crate::nn::{Architecture, Generator, parameters};

/// The key of the header in the metadata. There is only this one, because several would be written in random order.
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
    let mut tensors = halves("average", &state.average).await?;
    tensors.extend(halves("teacher", &state.teacher).await?);
    let mut views = Vec::new();
    for (name, shape, bytes) in &tensors {
        views.push((name, TensorView::new(Dtype::F16, shape.clone(), bytes)?));
    }
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), serde_json::to_string(header)?)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// A model from the bytes of a bundle.
///
/// # Errors
/// If they are damaged, or not a bundle.
pub fn read(bytes: &[u8], device: &Device) -> Result<Bundle, CheckpointError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let header = metadata.metadata().as_ref().and_then(|entries| entries.get(HEADER_KEY));
    let header = read_header(header.map_or("", String::as_str).as_bytes())?;
    let architecture = Architecture::new(&header.config, header.subject.image, header.subject.labels);
    let fresh = State::new(&header.config, &architecture, device);
    let file = SafeTensors::deserialize(bytes)?;
    Ok(Bundle {
        generator: module("average", fresh.average, &file, device)?,
        teacher: module("teacher", fresh.teacher, &file, device)?,
        header,
    })
}

async fn halves<M: Module>(prefix: &str, module: &M) -> Result<Vec<(String, Vec<usize>, Vec<u8>)>, CheckpointError> {
    let shapes = parameters::shapes(module);
    let mut tensors = Vec::new();
    for (name, value) in parameters::values(module) {
        let data = value.into_data_async().await.map_err(CheckpointError::Device)?;
        let bytes = data.iter::<f32>().flat_map(|x| f16::from_f32(x).to_le_bytes()).collect();
        tensors.push((format!("{prefix}.{name}"), shapes[&name].clone(), bytes));
    }
    Ok(tensors)
}

fn module<M: Module>(prefix: &str, fresh: M, file: &SafeTensors, device: &Device) -> Result<M, CheckpointError> {
    let mut values = parameters::Named::new();
    for (short, shape) in parameters::shapes(&fresh) {
        let name = format!("{prefix}.{short}");
        let view = file.tensor(&name)?;
        if view.dtype() != Dtype::F16 || view.shape() != shape {
            let found = format!("{:?} {:?}", view.dtype(), view.shape());
            return Err(CheckpointError::Tensor { name, expected: format!("F16 {shape:?}"), found });
        }
        let (pairs, _) = view.data().as_chunks::<2>();
        let data: Vec<f32> = pairs.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect();
        let count = data.len();
        values.insert(short, Tensor::from_data(TensorData::new(data, [count]), device));
    }
    Ok(parameters::with_values(fresh, &mut values))
}
