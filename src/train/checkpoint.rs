//! Checkpoints: the whole state as bytes, and back.
//!
//! Two files: `state.safetensors` with every tensor under its own name, and `state.json` with the step, the
//! configuration and the checksum of the first. Equal states give equal bytes: tensors are sorted and no metadata with
//! an order of its own is written. How the files reach a disk whole is the shell's part.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::state::{State, Trained};
use crate::config::Config;
use crate::data::ImageShape;
use crate::labels::Cells;
use crate::nn::architecture::SIZES;
use crate::nn::parameters::{self, Named};

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

/// What a checkpoint says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the layout.
    pub format: u32,
    /// Version of the library that wrote it.
    pub version: String,
    /// Steps done.
    pub step: u64,
    /// Updates of the generator's, the discriminator's and the classifier's optimiser.
    pub updates: [u64; 3],
    /// SHA-256 of [`TENSORS_FILE`], in hexadecimal digits.
    pub sha256: String,
    /// The data and the labels that the networks were made for.
    pub subject: Subject,
    /// The resolved configuration.
    pub config: Config,
}

/// The data and the labels that networks are made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Name of the data set.
    pub data: String,
    /// Shape of the images.
    pub image: ImageShape,
    /// Images that are trained on.
    pub train_images: usize,
    /// The first digits of a SHA-256 of all images and labels: it changes with any of them.
    pub fingerprint: String,
    /// Names of the manual classes.
    pub class_names: Vec<String>,
    /// Number of artificial labels.
    pub labels: usize,
    /// How artificial labels belong to classes, where manual labels are used.
    pub cells: Option<Cells>,
}

impl Subject {
    /// Whether the parts agree, so that networks can be made from them.
    fn check(&self, latent_dim: usize) -> Result<(), String> {
        let Self { image, labels, class_names, .. } = self;
        if !SIZES.contains(&image.size) || ![1, 3].contains(&image.channels) {
            return Err(format!("subject.image: no networks are made for images of {image} pixels"));
        }
        if *labels < 2 || *labels > latent_dim {
            return Err(format!("subject.labels: expected 2 to {latent_dim} (latent.dim), found {labels}"));
        }
        let fits =
            |cells: &Cells| cells.classes == class_names.len() && Cells::new(*labels, cells.classes) == Ok(*cells);
        if !self.cells.as_ref().is_none_or(fits) {
            let classes = class_names.len();
            return Err(format!("subject.cells: do not spread {labels} labels over {classes} classes"));
        }
        Ok(())
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let classes = self.class_names.len();
        let Self { data, image, train_images, fingerprint, labels, .. } = self;
        write!(
            formatter,
            "{data} ({train_images} images of {image} pixels, {classes} classes, {labels} artificial labels, contents \
             {fingerprint})"
        )
    }
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The header is no JSON of the expected form.
    #[error("{HEADER_FILE}: not the header of a checkpoint")]
    Header(#[from] serde_json::Error),
    /// Written by another version with another layout.
    #[error("{HEADER_FILE}: expected format {FORMAT}, found {0}")]
    Format(u32),
    /// The header contradicts itself.
    #[error("{HEADER_FILE}: {0}")]
    Contradiction(String),
    /// The tensors are not those that the header was written with.
    #[error("{TENSORS_FILE}: damaged: {len} bytes with SHA-256 {found}, but {HEADER_FILE} was written with {expected}")]
    Checksum {
        /// Bytes found.
        len: usize,
        /// Their checksum.
        found: String,
        /// The header's checksum.
        expected: String,
    },
    /// The tensors are no safetensors file.
    #[error("{TENSORS_FILE}: not a safetensors file")]
    Tensors(#[from] safetensors::SafeTensorError),
    /// A tensor is missing, superfluous, or of another shape or type.
    #[error("{TENSORS_FILE}: tensor `{name}`: expected {expected}, found {found}")]
    Tensor {
        /// Its name.
        name: String,
        /// What the configuration asks for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(ExecutionError),
}

/// A tensor on the host: its shape and its values.
type HostTensor = (Vec<usize>, Vec<f32>);

/// The state as the bytes of a checkpoint.
///
/// # Errors
/// If the device cannot be read.
pub async fn write(state: &State, config: &Config, subject: &Subject) -> Result<CheckpointFiles, CheckpointError> {
    let mut bytes = BTreeMap::new();
    for (name, (shape, tensor)) in named_tensors(state) {
        let data = tensor.into_data_async().await.map_err(CheckpointError::Device)?;
        bytes.insert(name, (shape, data.bytes().to_vec()));
    }
    let mut views = BTreeMap::new();
    for (name, (shape, values)) in &bytes {
        views.insert(name.as_str(), TensorView::new(Dtype::F32, shape.clone(), values)?);
    }
    let tensors = safetensors::serialize(views, None)?;
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

/// The header alone.
///
/// # Errors
/// If it is no header of this version's layout.
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
/// If the bytes are damaged, or their tensors are not exactly those of the configuration.
pub fn restore(fresh: State, header: &Header, tensors: &[u8], device: &Device) -> Result<State, CheckpointError> {
    let found = sha256(tensors);
    if found != header.sha256 {
        return Err(CheckpointError::Checksum { len: tensors.len(), found, expected: header.sha256.clone() });
    }
    let mut stored = host_tensors(tensors)?;
    let mut state = fresh;
    let [generator, discriminator, classifier] = header.updates;
    state.step = header.step;
    state.generator = trained(state.generator, "generator", generator, &mut stored, device)?;
    state.discriminator = trained(state.discriminator, "discriminator", discriminator, &mut stored, device)?;
    state.classifier = trained(state.classifier, "classifier", classifier, &mut stored, device)?;
    state.average = module(state.average, "average", &mut stored, device)?;
    state.teacher = module(state.teacher, "teacher", &mut stored, device)?;
    match stored.pop_first() {
        None => Ok(state),
        Some((name, (shape, _))) => {
            Err(CheckpointError::Tensor { name, expected: "no such tensor".into(), found: format!("{shape:?}") })
        }
    }
}

/// Every tensor of the state by its full name, with its shape.
fn named_tensors(state: &State) -> BTreeMap<String, (Vec<usize>, Tensor<1>)> {
    let mut all = BTreeMap::new();
    add_trained(&mut all, "generator", &state.generator);
    add_trained(&mut all, "discriminator", &state.discriminator);
    add_trained(&mut all, "classifier", &state.classifier);
    add(&mut all, "average", &parameters::shapes(&state.average), parameters::values(&state.average));
    add(&mut all, "teacher", &parameters::shapes(&state.teacher), parameters::values(&state.teacher));
    all
}

type Tensors = BTreeMap<String, (Vec<usize>, Tensor<1>)>;

fn add_trained<M: Module>(all: &mut Tensors, name: &str, trained: &Trained<M>) {
    let shapes = parameters::shapes(&trained.network);
    add(all, name, &shapes, parameters::values(&trained.network));
    for (moment, values) in
        moments(name).into_iter().zip([&trained.optimizer.first_moments, &trained.optimizer.second_moments])
    {
        add(all, &moment, &shapes, values.clone());
    }
}

fn add(all: &mut Tensors, prefix: &str, shapes: &BTreeMap<String, Vec<usize>>, values: Named) {
    all.extend(values.into_iter().map(|(name, value)| (format!("{prefix}.{name}"), (shapes[&name].clone(), value))));
}

/// Prefixes of an optimiser's tensors.
fn moments(network: &str) -> [String; 2] {
    [format!("{network}_first_moment"), format!("{network}_second_moment")]
}

fn host_tensors(bytes: &[u8]) -> Result<BTreeMap<String, HostTensor>, CheckpointError> {
    let file = SafeTensors::deserialize(bytes)?;
    let tensors = file.tensors().into_iter().map(|(name, view)| {
        if view.dtype() != Dtype::F32 {
            let found = format!("{:?}", view.dtype());
            return Err(CheckpointError::Tensor { name, expected: "F32".into(), found });
        }
        let (quads, _) = view.data().as_chunks::<4>();
        Ok((name, (view.shape().to_vec(), quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect())))
    });
    tensors.collect()
}

fn trained<M: Module>(
    fresh: Trained<M>,
    name: &str,
    updates: u64,
    stored: &mut BTreeMap<String, HostTensor>,
    device: &Device,
) -> Result<Trained<M>, CheckpointError> {
    let shapes = parameters::shapes(&fresh.network);
    let network = module(fresh.network, name, stored, device)?;
    let mut optimizer = fresh.optimizer;
    optimizer.updates = updates;
    let [first, second] = moments(name);
    optimizer.first_moments = present(&first, &shapes, stored, device)?;
    optimizer.second_moments = present(&second, &shapes, stored, device)?;
    Ok(Trained { network, optimizer })
}

/// The module with all of its tensors from the checkpoint.
fn module<M: Module>(
    fresh: M,
    prefix: &str,
    stored: &mut BTreeMap<String, HostTensor>,
    device: &Device,
) -> Result<M, CheckpointError> {
    let shapes = parameters::shapes(&fresh);
    let mut values = present(prefix, &shapes, stored, device)?;
    if let Some((name, shape)) = shapes.iter().find(|(name, _)| !values.contains_key(*name)) {
        let name = format!("{prefix}.{name}");
        return Err(CheckpointError::Tensor { name, expected: format!("{shape:?}"), found: "no such tensor".into() });
    }
    Ok(parameters::with_values(fresh, &mut values))
}

/// Takes those tensors of a prefix that are stored; their shapes must be those asked for.
fn present(
    prefix: &str,
    shapes: &BTreeMap<String, Vec<usize>>,
    stored: &mut BTreeMap<String, HostTensor>,
    device: &Device,
) -> Result<Named, CheckpointError> {
    let mut found = Named::new();
    for (short, expected) in shapes {
        let name = format!("{prefix}.{short}");
        let Some((shape, values)) = stored.remove(&name) else { continue };
        if &shape != expected {
            let (expected, found) = (format!("{expected:?}"), format!("{shape:?}"));
            return Err(CheckpointError::Tensor { name, expected, found });
        }
        let count = values.len();
        found.insert(short.clone(), Tensor::from_data(TensorData::new(values, [count]), device));
    }
    Ok(found)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
