//! Where the files of a data set are.
//!
//! A relative path in a configuration file counts from the current folder, or, if nothing is there, from the folders
//! above the file. So a run goes on from any working folder, and a project moves with its data. Where this rule would
//! not find the data again, a run folder holds the absolute path.

use std::path::{self, Component, Path, PathBuf};
use std::{env, fs, io};

use slgan::data::DataSpec;
use slgan::data::spec::Location;

/// The data where they are: found as they are named, or else from the folders above `file`.
pub fn find(spec: DataSpec, file: &Path) -> DataSpec {
    let Some(relative) = relative(&spec).filter(|relative| !relative.exists()) else { return spec };
    let Ok(file) = path::absolute(file) else { return spec };
    let mut candidates = file.ancestors().skip(1).map(|folder| folder.join(relative));
    match candidates.find(|candidate| candidate.exists()) {
        Some(found) => with_dir(&spec, &found).unwrap_or(spec),
        None => spec,
    }
}

/// The specification of data that were found, for the configuration of a run in `folder`: relative only if [`find`]
/// finds it again.
pub fn recorded(spec: &DataSpec, folder: &Path) -> String {
    let absolute = || with_dir(spec, &absolute(relative(spec)?).ok()?);
    let is_kept = relative(spec).is_none() || is_below_current(folder);
    if is_kept { spec.to_string() } else { absolute().unwrap_or_else(|| spec.clone()).to_string() }
}

/// The absolute path, without `..`, so that it does not depend on the folders that it led through.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    let absolute = path::absolute(path)?;
    let is_direct = !absolute.components().any(|part| part == Component::ParentDir);
    if is_direct { Ok(absolute) } else { fs::canonicalize(absolute) }
}

/// The folder or file of a data set, if the specification names one and nothing is there.
pub fn missing(spec: &DataSpec) -> Option<&str> {
    dir(spec).filter(|dir| !is_of_home(dir) && !Path::new(dir).exists())
}

fn dir(spec: &DataSpec) -> Option<&str> {
    match spec {
        DataSpec::Files { location: Location::Dir(dir), .. } => Some(dir),
        _ => None,
    }
}

/// Whether a path begins with `~`, which stands for the home folder.
fn is_of_home(dir: &str) -> bool {
    dir.starts_with('~')
}

fn relative(spec: &DataSpec) -> Option<&Path> {
    dir(spec).filter(|dir| !is_of_home(dir)).map(Path::new).filter(|dir| dir.is_relative())
}

/// The same set in another place; none if the path is not Unicode, as specifications are.
fn with_dir(spec: &DataSpec, dir: &Path) -> Option<DataSpec> {
    let DataSpec::Files { set, .. } = *spec else { return None };
    Some(DataSpec::Files { set, location: Location::Dir(dir.to_str()?.to_owned()) })
}

fn is_below_current(folder: &Path) -> bool {
    let (Ok(folder), Ok(current)) = (path::absolute(folder), env::current_dir()) else { return false };
    let below = folder.strip_prefix(current);
    below.is_ok_and(|below| !below.components().any(|part| part == Component::ParentDir))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn spec(text: &str) -> DataSpec {
        text.parse().unwrap()
    }

    #[test]
    fn a_relative_path_is_found_above_the_file() {
        let root = TempDir::new().unwrap();
        fs::create_dir_all(root.path().join("data/pets")).unwrap();
        let file = root.path().join("runs/a/config.toml");
        let found = find(spec("folder:data/pets"), &file).to_string();
        assert_eq!(found, format!("folder:{}", root.path().join("data/pets").display()));
        for text in ["folder:data/none", "folder:/data/pets", "folder:~/pets", "mnist", "glyphs"] {
            assert_eq!(find(spec(text), &file).to_string(), text);
        }
        // This exists from the current folder, the package's.
        assert_eq!(find(spec("folder:src"), &file).to_string(), "folder:src");
    }

    #[test]
    fn a_path_is_recorded_so_that_it_is_found_again() {
        let here = env::current_dir().unwrap();
        for (folder, text, expected) in [
            ("runs/a", "folder:pets", "folder:pets".to_owned()),
            ("../a", "folder:pets", format!("folder:{}", here.join("pets").display())),
            ("a/../../b", "mnist:pets", format!("mnist:{}", here.join("pets").display())),
            ("/elsewhere/a", "folder:/x/pets", "folder:/x/pets".to_owned()),
            ("/elsewhere/a", "folder:~/pets", "folder:~/pets".to_owned()),
            ("/elsewhere/a", "mnist", "mnist".to_owned()),
        ] {
            assert_eq!(recorded(&spec(text), Path::new(folder)), expected);
        }
    }
}
