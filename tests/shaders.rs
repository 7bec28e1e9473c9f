//! Every kernel of `shaders/`, in every variant: valid at the portable baseline, within the portable limits, and
//! translated to what Vulkan, Metal, DX12 and OpenGL read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use naga::back::{glsl, hlsl, msl, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Module, ShaderStage};
use slgan::kernels::variants;

/// Storage buffers that a kernel may bind: the least that adapters have is eight, and cubecl may take one.
const MOST_BUFFERS: usize = 7;
const MOST_INVOCATIONS: u32 = 256;
const MOST_WORKGROUP_BYTES: u32 = 16_384;

/// A source with a name for messages.
struct Source {
    name: String,
    text: String,
}

/// The names of the files of `shaders/`, without their endings.
fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let paths =
        fs::read_dir(folder).expect("there is a folder of shaders").map(|entry| entry.expect("an entry").path());
    let wgsl = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wgsl"));
    wgsl.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let plain = files().into_iter().map(|name| {
        let text = fs::read_to_string(folder.join(format!("{name}.wgsl"))).expect("a file of text");
        Source { name, text }
    });
    let variants = variants().into_iter().map(|shader| Source {
        name: format!("{} {:?}", shader.name(), shader.constants()),
        text: shader.specialized(),
    });
    plain.chain(variants).collect()
}

#[test]
fn every_file_has_variants_and_every_variant_a_file() {
    let used: BTreeSet<String> = variants().iter().map(|shader| shader.name().to_owned()).collect();
    assert!(!used.is_empty());
    assert_eq!(files(), used);
}

#[test]
fn every_variant_is_valid_portable_and_translates() {
    let sources = sources();
    assert!(sources.len() > 2 * files().len());
    let failures: Vec<String> = sources.iter().flat_map(failures_of).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What is wrong with a source, in words.
fn failures_of(source: &Source) -> Vec<String> {
    let named = |error: String| format!("{}: {error}", source.name);
    let module = match naga::front::wgsl::parse_str(&source.text) {
        Ok(module) => module,
        Err(error) => return vec![named(error.emit_to_string(&source.text))],
    };
    let info = match Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module) {
        Ok(info) => info,
        Err(error) => return vec![named(error.emit_to_string(&source.text))],
    };
    let mut failures = over_limits(&module, &info);
    if source.text.contains("atomic") {
        failures.push("what atomics add up has no fixed order".to_owned());
    }
    failures.extend([to_spirv, to_msl, to_hlsl, to_glsl].into_iter().filter_map(|to| to(&module, &info).err()));
    failures.into_iter().map(named).collect()
}

fn over_limits(module: &Module, info: &ModuleInfo) -> Vec<String> {
    let mut failures = Vec::new();
    let [entry] = module.entry_points.as_slice() else { return vec!["more or less than one entry point".into()] };
    if entry.name != "main" || entry.stage != ShaderStage::Compute {
        failures.push(format!("the entry point is {} and not the compute shader main", entry.name));
    }
    let invocations: u32 = entry.workgroup_size.iter().product();
    if invocations > MOST_INVOCATIONS {
        failures.push(format!("{invocations} invocations a workgroup"));
    }
    let of_space = |space: fn(AddressSpace) -> bool| {
        module.global_variables.iter().filter(move |(_, variable)| space(variable.space))
    };
    let buffers = of_space(|space| matches!(space, AddressSpace::Storage { .. })).count();
    if buffers > MOST_BUFFERS {
        failures.push(format!("{buffers} storage buffers"));
    }
    for (handle, variable) in module.global_variables.iter() {
        if variable.binding.is_some() && info.get_entry_point(0)[handle].is_empty() {
            failures.push(format!("{} is bound and not used", variable.name.as_deref().unwrap_or("a variable")));
        }
    }
    let bytes = of_space(|space| space == AddressSpace::WorkGroup)
        .map(|(_, variable)| module.types[variable.ty].inner.size(module.to_ctx()))
        .sum::<u32>();
    if bytes > MOST_WORKGROUP_BYTES {
        failures.push(format!("{bytes} bytes of workgroup memory"));
    }
    failures
}

fn to_spirv(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let options = spv::Options { lang_version: (1, 3), ..spv::Options::default() };
    let words = spv::write_vec(module, info, &options, None).map_err(|error| format!("SPIR-V: {error}"))?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("shader.spv");
    fs::write(&file, bytes).map_err(|error| error.to_string())?;
    match Command::new("spirv-val").args(["--target-env", "vulkan1.1"]).arg(&file).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("spirv-val: {}", String::from_utf8_lossy(&output.stderr))),
        Err(_) if std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none() => Ok(()),
        Err(error) => Err(format!("spirv-val is required: {error}")),
    }
}

fn to_msl(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let (options, pipeline) = (msl::Options { lang_version: (2, 0), ..Default::default() }, Default::default());
    let text = msl::write_string(module, info, &options, &pipeline).map_err(|error| format!("MSL: {error}"))?.0;
    written("MSL", &text)
}

fn to_hlsl(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let special = hlsl::BindTarget { space: 9, ..Default::default() };
    let options = hlsl::Options { special_constants_binding: Some(special), ..Default::default() };
    let mut text = String::new();
    let pipeline = hlsl::PipelineOptions::default();
    hlsl::Writer::new(&mut text, &options, &pipeline)
        .write(module, info, None)
        .map_err(|error| format!("HLSL: {error}"))?;
    written("HLSL", &text)
}

fn to_glsl(module: &Module, info: &ModuleInfo) -> Result<(), String> {
    let pipeline =
        glsl::PipelineOptions { shader_stage: ShaderStage::Compute, entry_point: "main".into(), multiview: None };
    let mut text = String::new();
    let options = glsl::Options::default();
    glsl::Writer::new(&mut text, module, info, &options, &pipeline, naga::proc::BoundsCheckPolicies::default())
        .and_then(|mut writer| writer.write())
        .map_err(|error| format!("GLSL: {error}"))?;
    written("GLSL", &text)
}

fn written(language: &str, text: &str) -> Result<(), String> {
    if text.contains("main") { Ok(()) } else { Err(format!("{language}: no entry point in\n{text}")) }
}
