//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR"));
    tool.ancestors().nth(2).expect("the tool is two folders below the root").to_owned()
}

/// The folder `web`.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The page as it is served.
pub fn dist() -> PathBuf {
    web().join("dist")
}

/// The page with a module that carries the kernels' checks.
pub fn dist_checks() -> PathBuf {
    web().join("dist-checks")
}

/// A folder of this name for build results, in cargo's target folder, wherever that is.
///
/// # Errors
/// If this program does not know where it is.
pub fn target(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe().context("finding this program")?;
    let folder = program.ancestors().nth(2).context("this program is in no target folder")?;
    Ok(folder.join(name))
}
