//! The folder for what can be made again.

use std::env;
use std::path::PathBuf;

/// `$XDG_CACHE_HOME/slgan`, or the like below the home folder; none if no variable names either.
pub fn folder() -> Option<PathBuf> {
    let named = |variable: &str| env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    let local = || named("LOCALAPPDATA").filter(|_| cfg!(windows));
    let cache = named("XDG_CACHE_HOME").or_else(local).or_else(|| Some(named("HOME")?.join(".cache")))?;
    Some(cache.join("slgan"))
}
