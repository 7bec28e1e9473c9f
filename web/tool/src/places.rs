//! Where things are.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// The root of the workspace, as cargo tells it to what it runs. The program may have been built in another checkout that
/// shares its target folder; so what it was told when it was built counts only where cargo is not there.
pub fn root() -> PathBuf {
    let tool = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
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
