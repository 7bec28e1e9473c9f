//! Builds the page: compiles its module, writes the JavaScript around it, and adds the page's own files.

mod bindings;
mod compile;
mod constructors;
mod first_load;
mod folder;
mod toolchain;

use std::path::Path;

use anyhow::{Context, Result};

use crate::places;

/// Builds the page without measuring it.
///
/// # Errors
/// If a part of the toolchain is missing, or anything cannot be built.
pub fn page() -> Result<()> {
    build(&[], &places::dist())
}

/// Builds the page and measures it.
///
/// # Errors
/// As [`page`], and if a first visit loads too much.
pub fn measured_page() -> Result<()> {
    page()?;
    first_load::measure(&places::dist())
}

/// Builds the page with a module that includes the kernels' checks, for tests.
///
/// # Errors
/// As [`page`].
pub fn checks() -> Result<()> {
    build(&["checks"], &places::dist_checks())
}

fn build(features: &[&str], dist: &Path) -> Result<()> {
    bindings::check_versions()?;
    let module = compile::module(features)?;
    let bytes = std::fs::read(&module).with_context(|| module.display().to_string())?;
    constructors::check(&bytes).with_context(|| module.display().to_string())?;
    folder::replace(dist, |fresh| {
        folder::copy(&places::web().join("page"), fresh)?;
        bindings::write(bytes, fresh)
    })?;
    println!("built {}", dist.display());
    Ok(())
}
