//! The header of checkpoints and bundles: everything but the tensors, as JSON with a seal.

use serde::{Deserialize, Serialize};

use super::seal::{self, BrokenSeal};
use super::state::State;
use super::subject::Subject;
use crate::config::Config;
use crate::kernels::class::DeviceClass;

/// The layout that this version writes.
const FORMAT: u32 = 2;

/// The layout of older versions, whose headers have no seal.
const UNSEALED_FORMAT: u32 = 1;

/// Everything in a checkpoint but the tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the layout.
    pub format: u32,
    /// Version of the library that wrote the checkpoint.
    pub version: String,
    /// Steps done.
    pub step: u64,
    /// Updates by the optimisers of generator, discriminator and classifier.
    pub updates: [u64; 3],
    /// SHA-256 of the checkpoint's tensors, in hexadecimal digits.
    pub sha256: String,
    /// The data and labels that the networks were made for.
    pub subject: Subject,
    /// The resolved configuration.
    pub config: Config,
    /// The class of the device that computed it. Versions without classes computed as for software.
    #[serde(default)]
    pub device_class: DeviceClass,
}

/// Why a header cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// It is not JSON of the expected form.
    #[error("not the header of a checkpoint: {0}")]
    Json(serde_json::Error),
    /// Another version wrote it, with another layout.
    #[error("expected format {UNSEALED_FORMAT} or {FORMAT}, found {0}")]
    Format(u32),
    /// It should have a seal, or should not.
    #[error("damaged: format {FORMAT} has a seal, and format {UNSEALED_FORMAT} has none, but the format is {0}")]
    Seal(u32),
    /// It, or what it describes, has changed since it was written.
    #[error(transparent)]
    Broken(BrokenSeal),
    /// It contradicts itself.
    #[error("{0}")]
    Contradiction(String),
}

/// A header as it is written.
#[derive(Serialize)]
struct Sealed<'a> {
    #[serde(flatten)]
    header: &'a Header,
    /// The last field, so that [`seal::close`] finds it.
    seal: &'a str,
}

/// What decides how the rest is read.
#[derive(Deserialize)]
struct Form {
    format: u32,
    seal: Option<String>,
}

impl Header {
    /// The header of a new checkpoint, for tensors with a checksum.
    pub(super) fn new(state: &State, updates: [u64; 3], sha256: String, subject: &Subject, config: &Config) -> Self {
        Self {
            format: FORMAT,
            version: crate::VERSION.to_owned(),
            step: state.step,
            updates,
            sha256,
            subject: subject.clone(),
            config: config.clone(),
            device_class: state.device_class,
        }
    }

    /// A file with this header alone.
    pub(super) fn to_file(&self) -> Result<Vec<u8>, HeaderError> {
        let mut file = serde_json::to_vec_pretty(&self.with_blank()).map_err(HeaderError::Json)?;
        let text = file.len();
        seal::close(&mut file, text);
        Ok(file)
    }

    /// The header in the present format for a larger file, with a place for that file's seal.
    pub(super) fn to_part(&self) -> Result<String, HeaderError> {
        let header = Self { format: FORMAT, ..self.clone() };
        serde_json::to_string(&header.with_blank()).map_err(HeaderError::Json)
    }

    fn with_blank(&self) -> Sealed<'_> {
        Sealed { header: self, seal: seal::BLANK }
    }
}

/// Reads a header from its JSON, which is somewhere in the first `text` bytes of `file`.
pub(super) fn read(json: &[u8], file: &[u8], text: usize) -> Result<Header, HeaderError> {
    let Form { format, seal } = serde_json::from_slice(json).map_err(HeaderError::Json)?;
    match (format, seal) {
        (UNSEALED_FORMAT, None) => {}
        (FORMAT, Some(seal)) => seal::check(file, text, &seal).map_err(HeaderError::Broken)?,
        (UNSEALED_FORMAT | FORMAT, _) => return Err(HeaderError::Seal(format)),
        _ => return Err(HeaderError::Format(format)),
    }
    let header: Header = serde_json::from_slice(json).map_err(HeaderError::Json)?;
    header.config.validate().map_err(|error| HeaderError::Contradiction(error.to_string()))?;
    header.subject.check(header.config.latent.dim).map_err(HeaderError::Contradiction)?;
    Ok(header)
}
