//! `slgan devices --shaders`: what the kernels ask of an adapter, and whether they are valid and translate.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use naga::back::{glsl, hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Module, ShaderStage};
use serde::Serialize;
use slgan::kernels::shader::Shader;
use slgan::kernels::variants;

/// What the variants of one kernel ask for, at the most.
#[derive(Debug, Default, Serialize)]
struct Kernel {
    variants: usize,
    storage_buffers: usize,
    invocations: u32,
    workgroup_bytes: u32,
    /// What is wrong with some of them.
    failures: Vec<String>,
}

/// Validates every variant of every kernel at the portable baseline, translates it to what Vulkan, Metal, DX12 and OpenGL
/// read, and prints what it asks for.
///
/// # Errors
/// If a kernel is not valid or does not translate.
pub fn print(as_json: bool) -> Result<()> {
    let mut kernels: BTreeMap<&str, Kernel> = BTreeMap::new();
    for shader in variants() {
        kernels.entry(shader.name()).or_default().add(&shader);
    }
    let failures: Vec<&String> = kernels.values().flat_map(|kernel| &kernel.failures).collect();
    if as_json {
        println!("{}", serde_json::json!({ "kernels": kernels }));
    } else {
        println!("{:<32}{:>9}{:>9}{:>13}{:>17}", "kernel", "variants", "buffers", "invocations", "workgroup bytes");
        for (name, kernel) in &kernels {
            let Kernel { variants, storage_buffers, invocations, workgroup_bytes, .. } = kernel;
            println!("{name:<32}{variants:>9}{storage_buffers:>9}{invocations:>13}{workgroup_bytes:>17}");
        }
    }
    if let Some(first) = failures.first() {
        bail!("{} variants are not valid or do not translate, the first: {first}", failures.len());
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

/// What one source asks for.
fn examine(source: &str) -> Result<Kernel, String> {
    let module = naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map_err(|error| error.emit_to_string(source))?;
    translate(&module, &info)?;
    let of_space = |space: fn(AddressSpace) -> bool| {
        module.global_variables.iter().filter(move |(_, variable)| space(variable.space))
    };
    Ok(Kernel {
        variants: 1,
        storage_buffers: of_space(|space| matches!(space, AddressSpace::Storage { .. })).count(),
        invocations: module.entry_points.iter().map(|entry| entry.workgroup_size.iter().product()).max().unwrap_or(0),
        workgroup_bytes: of_space(|space| space == AddressSpace::WorkGroup)
            .map(|(_, variable)| module.types[variable.ty].inner.size(module.to_ctx()))
            .sum(),
        failures: Vec::new(),
    })
}

/// Translates to SPIR-V, MSL, HLSL and GLSL.
fn translate(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    spv::write_vec(module, info, &spv::Options { lang_version: (1, 3), ..Default::default() }, None)
        .map_err(|error| format!("SPIR-V: {error}"))?;
    msl::write_string(
        module,
        info,
        &msl::Options { lang_version: (2, 0), ..Default::default() },
        &msl::PipelineOptions::default(),
    )
    .map_err(|error| format!("MSL: {error}"))?;
    // DX12 has no count of workgroups of its own; wgpu hands it over in a constant.
    let special_constants_binding = Some(hlsl::BindTarget { space: 9, ..Default::default() });
    let options = hlsl::Options { special_constants_binding, ..Default::default() };
    hlsl::Writer::new(&mut String::new(), &options, &hlsl::PipelineOptions::default())
        .write(module, info, None)
        .map_err(|error| format!("HLSL: {error}"))?;
    let pipeline =
        glsl::PipelineOptions { shader_stage: ShaderStage::Compute, entry_point: "main".into(), multiview: None };
    let mut text = String::new();
    glsl::Writer::new(&mut text, module, info, &glsl::Options::default(), &pipeline, Default::default())
        .and_then(|mut writer| writer.write())
        .map_err(|error| format!("GLSL: {error}"))?;
    Ok(())
}
