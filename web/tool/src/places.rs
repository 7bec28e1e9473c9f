//! Where things are.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The root of the workspace, from cargo's environment. Another checkout that shares the target folder may have built
/// this program, so the path from build time counts only without cargo.
pub fn root() -> PathBuf {
    let tool = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    tool.ancestors().nth(2).expect("the tool is two folders below the root").to_owned()
}

/// The folder `web`.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The built page.
pub fn dist() -> PathBuf {
    web().join("dist")
}

/// The reports that the page compares others with.
pub fn references() -> PathBuf {
    root().join("docs/repro")
}

/// A folder of this name for build results, in cargo's target folder, wherever that is.
///
/// # Errors
/// If the path of this program is unknown.
pub fn target(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe().context("finding this program")?;
    let folder = program.ancestors().nth(2).context("this program is not in a target folder")?;
    Ok(folder.join(name))
}
