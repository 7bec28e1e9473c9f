//! Builds the page: compiles its modules, writes the JavaScript around them, and adds the page's own files.
//!
//! There are two modules. The first one trains, explores and labels. The second one also has the reproducibility suite
//! with the kernels' checks; it is in a folder of its own, with the reference reports, and only the view Compare loads
//! it.

mod bindings;
mod compile;
mod constructors;
mod folder;
mod references;
mod sizes;
mod toolchain;

use std::fs;

use anyhow::{Context, Result};

use crate::places;

/// The folder of the page that only the view Compare loads.
const REPRO: &str = "repro";

/// Builds the page without measuring it.
///
/// # Errors
/// If a part of the toolchain is missing, or anything cannot be built.
pub fn page() -> Result<()> {
    bindings::check_versions()?;
    let (first, second) = (module(&[])?, module(&["checks"])?);
    let dist = places::dist();
    folder::replace(&dist, |fresh| {
        folder::copy(&places::web().join("page"), fresh)?;
        bindings::write(first, fresh)?;
        let repro = fresh.join(REPRO);
        fs::create_dir(&repro)?;
        bindings::write(second, &repro)?;
        references::serve(&places::references(), &repro)
    })?;
    println!("built {}", dist.display());
    Ok(())
}

/// Builds the page and measures it.
///
/// # Errors
/// As [`page`], and if a first visit or the view Compare loads too much.
pub fn measured_page() -> Result<()> {
    page()?;
    sizes::measure(&places::dist(), REPRO)
}

/// Compiles a module. It is read at once, because the next one has the same path.
fn module(features: &[&str]) -> Result<Vec<u8>> {
    let path = compile::module(features)?;
    let module = fs::read(&path).with_context(|| path.display().to_string())?;
    constructors::check(&module).with_context(|| path.display().to_string())?;
    Ok(module)
}
