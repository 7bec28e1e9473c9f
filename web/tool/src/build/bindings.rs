//! The JavaScript around the module, written by wasm-bindgen's own library.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::places;

/// The name of the JavaScript module and, with `_bg`, of the WebAssembly module.
const NAME: &str = "slgan";

/// Writes `slgan.js` and `slgan_bg.wasm` into a folder.
///
/// # Errors
/// If wasm-bindgen did not make the module, or the disk fails.
pub fn write(module: Vec<u8>, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_bytes(NAME, module)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .context("wasm-bindgen")
}

/// Compares the version of wasm-bindgen in the module with the version of the library here.
///
/// # Errors
/// If they differ: their common format may change with any version.
pub fn check_versions() -> Result<()> {
    let path = places::root().join("Cargo.lock");
    let lock: toml::Table = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?.parse()?;
    let module = locked_version(&lock, "wasm-bindgen")?;
    let tool = locked_version(&lock, "wasm-bindgen-cli-support")?;
    ensure!(
        module == tool,
        "Cargo.lock: wasm-bindgen is {module} and wasm-bindgen-cli-support is {tool}, which must be the same; set both \
         in [workspace.dependencies]"
    );
    Ok(())
}

fn locked_version<'a>(lock: &'a toml::Table, name: &str) -> Result<&'a str> {
    let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock: no packages")?;
    let text = |package: &'a toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str);
    packages
        .iter()
        .find(|package| text(package, "name") == Some(name))
        .and_then(|package| text(package, "version"))
        .with_context(|| format!("Cargo.lock: no {name}"))
}
