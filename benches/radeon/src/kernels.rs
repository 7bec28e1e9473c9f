//! The kernels to compile, as `slgan devices --shaders --spirv DIR` writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A kernel with values for its constants.
#[derive(Debug, Clone, Deserialize)]
pub struct Kernel {
    /// The name of its file in `shaders/`, without the ending.
    pub name: String,
    /// The values of its constants.
    pub constants: BTreeMap<String, u32>,
    /// What it binds, in order.
    pub bindings: Vec<Binding>,
    /// The file of its SPIR-V.
    pub file: PathBuf,
}

/// What a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    /// A storage buffer.
    Storage,
    /// A uniform buffer.
    Uniform,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    kernels: Vec<Kernel>,
}

/// Reads a folder's list; the files of its kernels become whole paths.
///
/// # Errors
/// If the list is missing or is not such a list.
pub fn read(folder: &Path) -> Result<Vec<Kernel>> {
    let path = folder.join("kernels.json");
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let Manifest { kernels } = serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
    ensure!(!kernels.is_empty(), "{}: no kernels", path.display());
    Ok(kernels.into_iter().map(|kernel| Kernel { file: folder.join(&kernel.file), ..kernel }).collect())
}

impl Kernel {
    /// The words of its SPIR-V.
    ///
    /// # Errors
    /// If the file cannot be read or is not made of words.
    pub fn words(&self) -> Result<Vec<u32>> {
        let bytes = fs::read(&self.file)?;
        let (words, rest) = bytes.as_chunks::<4>();
        ensure!(rest.is_empty(), "not SPIR-V: {} bytes", bytes.len());
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }
}
