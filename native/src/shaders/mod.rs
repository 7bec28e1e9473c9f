//! `slgan devices --shaders`: what the kernels require of an adapter, and whether they are valid and translate.

#[cfg(test)]
mod tests;
mod validate;
mod write;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Serialize;
use slgan::kernels::shader::Shader;

use crate::bench::ceilings;
use validate::validate;
pub use write::write_spirv;

/// The largest requirements of a kernel's variants.
#[derive(Debug, Default, Serialize)]
struct Kernel {
    variants: usize,
    storage_buffers: usize,
    invocations: u32,
    workgroup_bytes: u32,
    /// The errors of invalid variants.
    failures: Vec<String>,
}

/// Validates every variant of every kernel at the portable baseline, translates it for Vulkan, Metal, DX12 and OpenGL,
/// and prints its requirements.
///
/// # Errors
/// If a kernel is invalid or does not translate.
pub fn print(as_json: bool) -> Result<()> {
    let mut kernels: BTreeMap<&str, Kernel> = BTreeMap::new();
    for shader in variants() {
        kernels.entry(shader.name()).or_default().add(&shader);
    }
    let failures: Vec<&String> = kernels.values().flat_map(|kernel| &kernel.failures).collect();
    if as_json {
        result!("{}", serde_json::json!({ "kernels": kernels }));
    } else {
        result!("{:<32}{:>9}{:>9}{:>13}{:>17}", "kernel", "variants", "buffers", "invocations", "workgroup bytes");
        for (name, kernel) in &kernels {
            let Kernel { variants, storage_buffers, invocations, workgroup_bytes, .. } = kernel;
            result!("{name:<32}{variants:>9}{storage_buffers:>9}{invocations:>13}{workgroup_bytes:>17}");
        }
    }
    if let Some(first) = failures.first() {
        bail!("{} variants are invalid or do not translate; the first: {first}", failures.len());
    }
    Ok(())
}

impl Kernel {
    fn add(&mut self, shader: &Shader) {
        self.variants += 1;
        match examine(&shader.specialized()) {
            Ok(found) => {
                self.storage_buffers = self.storage_buffers.max(found.storage_buffers);
                self.invocations = self.invocations.max(found.invocations);
                self.workgroup_bytes = self.workgroup_bytes.max(found.workgroup_bytes);
            }
            Err(error) => self.failures.push(format!("{} {:?}: {error}", shader.name(), shader.constants())),
        }
    }
}

/// Every kernel of the library and the benchmark, with the constants of their launches.
fn variants() -> Vec<Shader> {
    [slgan::kernels::variants(), ceilings::variants()].concat()
}

/// The requirements of one source.
fn examine(source: &str) -> Result<Kernel, String> {
    let valid = validate(source)?;
    valid.translate()?;
    Ok(Kernel {
        variants: 1,
        storage_buffers: valid.storage_buffers(),
        invocations: valid.invocations(),
        workgroup_bytes: valid.workgroup_bytes(),
        failures: Vec::new(),
    })
}
