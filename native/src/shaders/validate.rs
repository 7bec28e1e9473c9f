//! Validates one source with naga at the portable baseline, and gives its requirements and translations.

use naga::back::{glsl, hlsl, msl, spv};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, GlobalVariable, Module, ShaderStage};
use serde::Serialize;

const UNCHECKED: BoundsCheckPolicies = BoundsCheckPolicies {
    index: BoundsCheckPolicy::Unchecked,
    buffer: BoundsCheckPolicy::Unchecked,
    image_load: BoundsCheckPolicy::Unchecked,
    binding_array: BoundsCheckPolicy::Unchecked,
};

/// What a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    /// A tensor.
    Storage,
    /// The numbers of a launch.
    Uniform,
}

/// A source that is valid without any extension.
pub struct Valid {
    /// The parsed module.
    pub module: Module,
    /// The validator's results.
    pub info: ModuleInfo,
}

/// Parses and validates a source.
///
/// # Errors
/// If it is invalid, with the position and the reason.
pub fn validate(source: &str) -> Result<Valid, String> {
    let module = naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map_err(|error| error.emit_to_string(source))?;
    Ok(Valid { module, info })
}

impl Valid {
    /// Storage buffers that it binds.
    pub fn storage_buffers(&self) -> usize {
        self.of_space(|space| matches!(space, AddressSpace::Storage { .. })).count()
    }

    /// Invocations per workgroup, at most.
    pub fn invocations(&self) -> u32 {
        self.module.entry_points.iter().map(|entry| entry.workgroup_size.iter().product()).max().unwrap_or(0)
    }

    /// Bytes of workgroup memory.
    pub fn workgroup_bytes(&self) -> u32 {
        self.of_space(|space| space == AddressSpace::WorkGroup)
            .map(|variable| self.module.types[variable.ty].inner.size(self.module.to_ctx()))
            .sum()
    }

    fn of_space(&self, wanted: fn(AddressSpace) -> bool) -> impl Iterator<Item = &GlobalVariable> {
        self.module.global_variables.iter().map(|(_, variable)| variable).filter(move |variable| wanted(variable.space))
    }

    /// Translates to SPIR-V, MSL, HLSL and GLSL, for Vulkan, Metal, DX12 and OpenGL.
    ///
    /// # Errors
    /// If a translation fails.
    pub fn translate(&self) -> Result<(), String> {
        self.spirv()?;
        self.msl()?;
        self.hlsl()?;
        self.glsl()?;
        Ok(())
    }

    /// What each binding of group 0 is, in order; no other group is used.
    pub fn bindings(&self) -> Vec<Binding> {
        let mut bindings: Vec<(u32, Binding)> = self
            .module
            .global_variables
            .iter()
            .filter_map(|(_, variable)| Some((variable.binding?.binding, variable.space)))
            .map(|(place, space)| {
                (place, if space == AddressSpace::Uniform { Binding::Uniform } else { Binding::Storage })
            })
            .collect();
        bindings.sort_by_key(|&(place, _)| place);
        bindings.into_iter().map(|(_, binding)| binding).collect()
    }

    /// The words of the SPIR-V module, as a launch makes them: without checks of bounds, bounds of loops and zeros in
    /// workgroup memory, which the kernels do not need.
    ///
    /// # Errors
    /// If the translation fails.
    pub fn spirv(&self) -> Result<Vec<u32>, String> {
        let options = spv::Options {
            lang_version: (1, 3),
            bounds_check_policies: UNCHECKED,
            force_loop_bounding: false,
            zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
            ..Default::default()
        };
        spv::write_vec(&self.module, &self.info, &options, None).map_err(|error| format!("SPIR-V: {error}"))
    }

    /// The source for Metal.
    ///
    /// # Errors
    /// If the translation fails.
    pub fn msl(&self) -> Result<String, String> {
        let options = msl::Options { lang_version: (2, 0), ..Default::default() };
        msl::write_string(&self.module, &self.info, &options, &msl::PipelineOptions::default())
            .map(|(text, _)| text)
            .map_err(|error| format!("MSL: {error}"))
    }

    /// The source for DX12.
    ///
    /// # Errors
    /// If the translation fails.
    pub fn hlsl(&self) -> Result<String, String> {
        // DX12 does not provide the number of workgroups; wgpu passes it in a constant.
        let special_constants_binding = Some(hlsl::BindTarget { space: 9, ..Default::default() });
        let options = hlsl::Options { special_constants_binding, ..Default::default() };
        let mut text = String::new();
        hlsl::Writer::new(&mut text, &options, &hlsl::PipelineOptions::default())
            .write(&self.module, &self.info, None)
            .map_err(|error| format!("HLSL: {error}"))?;
        Ok(text)
    }

    /// The source for OpenGL.
    ///
    /// # Errors
    /// If the translation fails.
    pub fn glsl(&self) -> Result<String, String> {
        let pipeline =
            glsl::PipelineOptions { shader_stage: ShaderStage::Compute, entry_point: "main".into(), multiview: None };
        let (options, policies) = (glsl::Options::default(), BoundsCheckPolicies::default());
        let mut text = String::new();
        glsl::Writer::new(&mut text, &self.module, &self.info, &options, &pipeline, policies)
            .and_then(|mut writer| writer.write())
            .map_err(|error| format!("GLSL: {error}"))?;
        Ok(text)
    }
}
