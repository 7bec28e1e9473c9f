//! Every variant of every kernel of `shaders/` is valid at the portable baseline, stays within the portable limits, and
//! translates for Vulkan, Metal, DX12 and OpenGL.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use naga::ShaderStage;

use super::validate::{Valid, validate};
use super::variants;

/// Storage buffers that a kernel may bind: adapters have at least eight, and cubecl may take one.
const MOST_BUFFERS: usize = 7;
const MOST_INVOCATIONS: u32 = 256;
const MOST_WORKGROUP_BYTES: u32 = 16_384;

/// A source, and a name for messages.
struct Source {
    name: String,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shaders")
}

/// The names of the files of `shaders/`, without their endings.
fn files() -> BTreeSet<String> {
    let paths =
        fs::read_dir(folder()).expect("there is a folder of shaders").map(|entry| entry.expect("an entry").path());
    let wgsl = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wgsl"));
    wgsl.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

fn sources() -> Vec<Source> {
    let plain: BTreeMap<String, String> =
        variants().into_iter().map(|shader| (shader.name().to_owned(), shader.source())).collect();
    let plain = plain.into_iter().map(|(name, text)| Source { name, text });
    let unchecked = variants().into_iter().map(|shader| Source {
        name: format!("{} {:?}", shader.name(), shader.constants()),
        text: shader.specialized(),
    });
    // The tests of the kernels also compile them like this.
    let checked = variants().into_iter().map(|shader| Source {
        name: format!("{} {:?} with bounds checks", shader.name(), shader.constants()),
        text: shader.specialized_with_checks(),
    });
    plain.chain(unchecked).chain(checked).collect()
}

#[test]
fn every_file_has_variants_and_every_variant_has_a_file() {
    let used: BTreeSet<String> = variants().iter().map(|shader| shader.name().to_owned()).collect();
    assert!(!used.is_empty());
    assert_eq!(files(), used);
}

#[test]
fn every_variant_is_valid_portable_and_translates() {
    let (sources, has_spirv_val) = (sources(), has_spirv_val());
    assert!(sources.len() > 3 * files().len());
    let failures: Vec<String> = sources.iter().flat_map(|source| failures_of(source, has_spirv_val)).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Whether `spirv-val` is installed. Fails if it is required and missing.
fn has_spirv_val() -> bool {
    let is_there = Command::new("spirv-val").arg("--version").output().is_ok();
    let is_required = env::var_os("SLGAN_REQUIRE_SPIRV_VAL").is_some();
    assert!(is_there || !is_required, "spirv-val is required and is not installed");
    if !is_there {
        // Not `eprintln`, because the test harness hides its output if a test passes.
        std::io::stderr().write_all(b"skipped: spirv-val is not installed\n").unwrap();
    }
    is_there
}

/// The errors of a source.
fn failures_of(source: &Source, has_spirv_val: bool) -> Vec<String> {
    let named = |error: String| format!("{}: {error}", source.name);
    let valid = match validate(&source.text) {
        Ok(valid) => valid,
        Err(error) => return vec![named(error)],
    };
    let mut failures = over_limits(&valid);
    if source.text.contains("atomic") {
        failures.push("atomics add in no fixed order".to_owned());
    }
    failures.extend(valid.spirv().and_then(|words| if has_spirv_val { accepted(&words) } else { Ok(()) }).err());
    let texts = [("MSL", valid.msl()), ("HLSL", valid.hlsl()), ("GLSL", valid.glsl())];
    failures
        .extend(texts.into_iter().filter_map(|(language, text)| text.and_then(|text| written(language, &text)).err()));
    failures.into_iter().map(named).collect()
}

fn over_limits(valid: &Valid) -> Vec<String> {
    let mut failures = Vec::new();
    let [entry] = valid.module.entry_points.as_slice() else { return vec!["not exactly one entry point".into()] };
    if entry.name != "main" || entry.stage != ShaderStage::Compute {
        failures.push(format!("the entry point is {}, not the compute shader main", entry.name));
    }
    if valid.invocations() > MOST_INVOCATIONS {
        failures.push(format!("{} invocations per workgroup", valid.invocations()));
    }
    if valid.storage_buffers() > MOST_BUFFERS {
        failures.push(format!("{} storage buffers", valid.storage_buffers()));
    }
    if valid.workgroup_bytes() > MOST_WORKGROUP_BYTES {
        failures.push(format!("{} bytes of workgroup memory", valid.workgroup_bytes()));
    }
    for (handle, variable) in valid.module.global_variables.iter() {
        if variable.binding.is_some() && valid.info.get_entry_point(0)[handle].is_empty() {
            failures.push(format!("{} is bound but not used", variable.name.as_deref().unwrap_or("a variable")));
        }
    }
    failures
}

/// Whether `spirv-val` accepts a module.
fn accepted(words: &[u32]) -> Result<(), String> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("shader.spv");
    fs::write(&file, bytes).map_err(|error| error.to_string())?;
    let output = Command::new("spirv-val").args(["--target-env", "vulkan1.1"]).arg(&file).output();
    let output = output.map_err(|error| format!("spirv-val: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("spirv-val: {}", String::from_utf8_lossy(&output.stderr)))
}

fn written(language: &str, text: &str) -> Result<(), String> {
    if text.contains("main") { Ok(()) } else { Err(format!("{language}: no entry point in\n{text}")) }
}

fn failures_of_text(text: &str) -> String {
    failures_of(&Source { name: "test".into(), text: text.into() }, false).join("\n")
}

#[test]
fn unportable_sources_are_found() {
    let main = "@compute @workgroup_size(64) fn main() { x[0] = 1.0; }";
    let storage = "var<storage, read_write> x: array<f32>;";
    let sound = format!("@group(0) @binding(0) {storage}\n{main}");
    assert_eq!(failures_of_text(&sound), "");
    let many: String = (1..8)
        .map(|number| format!("@group(0) @binding({number}) var<storage, read_write> y{number}: array<f32>;\n"))
        .collect();
    for (text, part) in [
        (sound.replace("1.0", "1u"), "test: "),
        (sound.replace("64", "257"), "257 invocations"),
        (sound.replace("main", "other"), "the entry point is other"),
        (format!("{sound} // no atomics"), "no fixed order"),
        (format!("{many}{sound}"), "8 storage buffers"),
        (format!("{many}{sound}"), "y1 is bound but not used"),
        (
            format!("var<workgroup> w: array<f32, 4097>;\n{}", sound.replace("= 1.0", "= w[0]")),
            "16388 bytes of workgroup memory",
        ),
    ] {
        let failures = failures_of_text(&text);
        assert!(failures.contains(part), "{part} is not in {failures:?}");
    }
}
