//! Data sets from directories and zip archives.

mod directory;

use std::env;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result};
use slgan::data::spec::Location;
use slgan::data::{self, DataError, DataSpec, Dataset, FileSet, LoadOptions, Source, ZipSource, glyphs, names};

use crate::cli;
use crate::failure::usage;
use directory::Directory;

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
        Location::Dir(dir) => below_home(dir)?,
        Location::Published(folder) => home()
            .ok_or_else(|| {
                usage(format!(
                    "data: `{spec}` names no folder, and SLGAN_DATA is not set; write `{spec}:DIR`, or set SLGAN_DATA \
                     to the folder that holds `{folder}` (`slgan data fetch {spec}` downloads it)"
                ))
            })?
            .join(folder),
    };
    let place = names::printable(&root.to_string_lossy());
    let loaded = |source: Result<Box<dyn Source>, DataError>| data::load(*set, &*source?, options);
    let data = if root.is_dir() {
        loaded(Directory::open(&root).map(|directory| Box::new(directory) as _))
    } else if *set == FileSet::Folder && root.is_file() {
        let file = File::open(&root).with_context(|| format!("data: {place}"))?;
        loaded(ZipSource::open(BufReader::new(file)).map(|archive| Box::new(archive) as _))
    } else {
        let or_archive = if *set == FileSet::Folder { " or a zip archive" } else { "" };
        return Err(usage(format!("data: `{place}` is not a folder{or_archive}")));
    };
    data.with_context(|| format!("data: {place}"))
}

/// A part of the data. With `cli::Split::All`, images that are files are in the order of their paths.
pub fn part(data: Dataset, part: cli::Split) -> data::Split {
    match part {
        cli::Split::Train => data.train,
        cli::Split::Test => data.test,
        cli::Split::All => {
            let mut all = data.train;
            all.append(data.test);
            let mut order: Vec<usize> = (0..all.len()).collect();
            order.sort_by_key(|&index| all.names.get(index));
            all.select(&order)
        }
    }
}

/// A path as people type it: `~` is the home folder, which a shell does not replace after `folder:`.
fn below_home(path: &str) -> Result<PathBuf> {
    let Some(rest) = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(std::path::is_separator))
    else {
        return Ok(PathBuf::from(path));
    };
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let home = home.ok_or_else(|| usage(format!("data: `{path}` is in the home folder, but HOME is not set")))?;
    Ok(home.join(rest.trim_start_matches(std::path::is_separator)))
}

/// The folder that holds the named data sets, if SLGAN_DATA is set.
pub fn home() -> Option<PathBuf> {
    env::var_os("SLGAN_DATA").filter(|path| !path.is_empty()).map(PathBuf::from)
}
