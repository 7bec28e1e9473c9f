//! Compiles the page's module with cargo.

use std::path::PathBuf;

use anyhow::Result;

use super::toolchain::{TARGET, Toolchain};
use crate::{places, programs};

/// All supported browsers have vector instructions, with WebGPU and without.
const RUST_FLAGS: &str = "-C target-feature=+simd128";

/// Variables that would override the settings here.
const FLAGS_OF_OTHERS: [&str; 4] = ["RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"];

/// Compiles the module with these features of its crate, and returns its path.
///
/// # Errors
/// If a part of the toolchain is missing, or the module cannot be compiled.
pub fn module(features: &[&str]) -> Result<PathBuf> {
    // A separate folder: the native build has another toolchain, and would wait for this one.
    let target = places::target("web")?;
    let toolchain = Toolchain::find()?;
    let mut cargo = toolchain.cargo();
    programs::forget_cargo(&mut cargo);
    FLAGS_OF_OTHERS.iter().for_each(|name| _ = cargo.env_remove(name));
    toolchain.settle(&mut cargo);
    cargo
        .current_dir(places::root())
        .args(["--locked", "--package", "slgan-web", "--profile", "web", "--features", &features.join(",")])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", RUST_FLAGS);
    programs::run(&mut cargo)?;
    Ok(target.join(TARGET).join("web/slgan_web.wasm"))
}
