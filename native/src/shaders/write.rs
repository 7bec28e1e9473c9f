//! `slgan devices --shaders --spirv DIR`: the kernels for tools that examine what a driver makes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use slgan::kernels::shader::Shader;

use super::validate::{Binding, validate};
use super::variants;
use crate::atomic;

/// The list of the folder.
#[derive(Debug, Serialize)]
struct Manifest {
    kernels: Vec<Kernel>,
}

/// A variant of a kernel, in the file `file`.
#[derive(Debug, Serialize)]
struct Kernel {
    name: &'static str,
    constants: BTreeMap<&'static str, u32>,
    bindings: Vec<Binding>,
    file: String,
}

/// Writes the SPIR-V of every variant of every kernel as a launch makes it, and a list of them in `kernels.json`, to the
/// new folder `folder`.
///
/// # Errors
/// If a kernel is invalid, the folder exists or cannot be written.
pub fn write_spirv(folder: &Path) -> Result<()> {
    atomic::write_directory(folder, |staging| {
        let kernels = variants().into_iter().enumerate().map(|(index, shader)| write(&shader, index, staging));
        let manifest = Manifest { kernels: kernels.collect::<Result<Vec<Kernel>>>()? };
        fs::write(staging.join("kernels.json"), serde_json::to_vec_pretty(&manifest)?)?;
        Ok(())
    })
}

fn write(shader: &Shader, index: usize, folder: &Path) -> Result<Kernel> {
    let valid = validate(&shader.specialized()).map_err(|error| anyhow!("{}: {error}", shader.name()))?;
    let words = valid.spirv().map_err(|error| anyhow!("{}: {error}", shader.name()))?;
    let file = format!("{}.{index}.spv", shader.name());
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    fs::write(folder.join(&file), bytes).with_context(|| file.clone())?;
    let constants = shader.constants().iter().copied().collect();
    Ok(Kernel { name: shader.name(), constants, bindings: valid.bindings(), file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_every_variant_with_its_bindings() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("kernels");
        write_spirv(&folder).unwrap();
        let list: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("kernels.json")).unwrap()).unwrap();
        let kernels = list["kernels"].as_array().unwrap();
        assert_eq!(kernels.len(), variants().len());
        let with_numbers = kernels.iter().find(|kernel| kernel["name"] == "self_label").unwrap();
        assert_eq!(*with_numbers["bindings"].as_array().unwrap().last().unwrap(), "uniform");
        for kernel in kernels {
            let words = fs::read(folder.join(kernel["file"].as_str().unwrap())).unwrap();
            assert_eq!(words[..4], 0x0723_0203_u32.to_le_bytes(), "{kernel}");
        }
        assert!(write_spirv(&folder).is_err(), "an existing folder is left as it is");
    }
}
