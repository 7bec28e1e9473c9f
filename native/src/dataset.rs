//! Data sets from directories.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use slgan::data::spec::Location;
use slgan::data::{self, DataError, DataSpec, Dataset, LoadOptions, Source, glyphs};

use crate::failure::usage;

/// The files below a directory.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    fn failed(path: &Path, error: &std::io::Error) -> DataError {
        DataError::Read { file: path.display().to_string(), message: error.to_string() }
    }

    /// Adds the files below a folder. `seen` holds the folders on the way, to stop at circular links.
    fn collect(&self, folder: &Path, seen: &mut Vec<PathBuf>, names: &mut Vec<String>) -> Result<(), DataError> {
        let real = fs::canonicalize(folder).map_err(|error| Self::failed(folder, &error))?;
        if seen.contains(&real) {
            return Ok(());
        }
        seen.push(real);
        let entries = fs::read_dir(folder).map_err(|error| Self::failed(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Self::failed(folder, &error))?.path();
            if path.is_dir() {
                self.collect(&path, seen, names)?;
            } else if let Ok(relative) = path.strip_prefix(&self.root) {
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                names.push(parts.join("/"));
            }
        }
        seen.pop();
        Ok(())
    }
}

impl Source for Directory {
    fn list(&self) -> Result<Vec<String>, DataError> {
        let mut names = Vec::new();
        self.collect(&self.root, &mut Vec::new(), &mut names)?;
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let path = self.root.join(name);
        fs::read(&path).map_err(|error| Self::failed(&path, &error))
    }
}

/// Parses a data specification.
///
/// # Errors
/// If it is invalid (exit code 2).
pub fn parse(spec: &str) -> Result<DataSpec> {
    spec.parse().map_err(|error| usage(format!("data: {error}")))
}

/// Loads the data set that a specification names.
///
/// # Errors
/// If it is missing, or one of its files is bad; the error names the first bad file.
pub fn load(spec: &DataSpec, options: &LoadOptions) -> Result<Dataset> {
    let DataSpec::Files { set, location } = spec else {
        return Ok(glyphs::dataset());
    };
    let root = match location {
        Location::Dir(dir) => PathBuf::from(dir),
        Location::Published(folder) => home()
            .ok_or_else(|| {
                usage(format!(
                    "data: `{spec}` names no folder, and SLGAN_DATA is not set; write `{spec}:DIR`, or set SLGAN_DATA \
                     to the folder that holds `{folder}` (`slgan data fetch {spec}` downloads it)"
                ))
            })?
            .join(folder),
    };
    if !root.is_dir() {
        return Err(usage(format!("data: `{}` is not a folder", root.display())));
    }
    data::load(*set, &Directory { root: root.clone() }, options).with_context(|| format!("data: {}", root.display()))
}

/// The folder that holds the named data sets, if SLGAN_DATA is set.
pub fn home() -> Option<PathBuf> {
    env::var_os("SLGAN_DATA").filter(|path| !path.is_empty()).map(PathBuf::from)
}
