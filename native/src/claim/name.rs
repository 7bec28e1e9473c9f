//! The default names of run folders.

use std::fs;
use std::path::{Path, PathBuf};

use slgan::config::Config;
use slgan::data::DataSpec;
use slgan::data::catalogue::FileSet;
use slgan::data::spec::Location;

/// The most characters of a data set's own name; file systems take 255 bytes for a name.
const LONGEST: usize = 40;

/// `runs/<data>-<preset>-<seed>`. A folder of pictures has its own name, and so has a zip.
pub fn default_path(config: &Config, spec: &DataSpec) -> PathBuf {
    named(&own_name(spec).unwrap_or_else(|| spec.name().to_owned()), config)
}

/// The default names of this version and of older ones, which called all folders of pictures `folder`.
pub fn default_paths(config: &Config, spec: &DataSpec) -> [PathBuf; 2] {
    [default_path(config, spec), named(spec.name(), config)]
}

/// The name with a number from 2 on.
pub fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("-{number}"));
    name.into()
}

fn named(data: &str, config: &Config) -> PathBuf {
    let preset = format!("{:?}", config.preset).to_lowercase();
    Path::new("runs").join(format!("{data}-{preset}-{}", config.seed))
}

fn own_name(spec: &DataSpec) -> Option<String> {
    let DataSpec::Files { set: FileSet::Folder, location: Location::Dir(dir) } = spec else { return None };
    let path = Path::new(dir);
    // `..` and `.` have no name; what they lead to has one.
    let name = path.file_name().map(ToOwned::to_owned);
    let name = name.or_else(|| Some(fs::canonicalize(path).ok()?.file_name()?.to_owned()))?;
    let name = name.to_string_lossy();
    let stem = name.len().checked_sub(4).filter(|&end| name.is_char_boundary(end));
    let stem = stem.filter(|&end| name[end..].eq_ignore_ascii_case(".zip")).map_or(&*name, |end| &name[..end]);
    Some(plain(stem)).filter(|name| !name.is_empty())
}

/// Small letters, digits, `.`, `_` and `-`, in any script; one `-` for whatever else there is.
fn plain(name: &str) -> String {
    let is_mark = |letter: &char| ('\u{300}'..='\u{36f}').contains(letter);
    let mut plain = String::new();
    for letter in name.to_lowercase().chars().filter(|letter| !is_mark(letter)) {
        if letter.is_alphanumeric() || matches!(letter, '.' | '_') {
            plain.push(letter);
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    let short: String = plain.trim_start_matches(['-', '.']).chars().take(LONGEST).collect();
    short.trim_end_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(data: &str) -> String {
        let path = default_path(&Config::default(), &data.parse().unwrap());
        path.strip_prefix("runs").unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_run_has_the_name_of_its_data() {
        for (data, expected) in [
            ("glyphs", "glyphs-tiny-0"),
            ("mnist:/a/b", "mnist-tiny-0"),
            ("folder:/x/My pets", "my-pets-tiny-0"),
            ("folder:/x/My pets/", "my-pets-tiny-0"),
            ("folder:faces_v1.2", "faces_v1.2-tiny-0"),
            ("folder:a/Flowers.ZIP", "flowers-tiny-0"),
            ("folder:.zip", "folder-tiny-0"),
            ("folder:a/\u{1b}[2J\u{202e}x", "2j-x-tiny-0"),
            ("folder:...", "folder-tiny-0"),
            ("folder:/", "folder-tiny-0"),
            ("folder:日本/花 2", "花-2-tiny-0"),
            ("folder:cafe\u{301}", "cafe-tiny-0"),
        ] {
            assert_eq!(name(data), expected, "{data}");
        }
        assert_eq!(name(&format!("folder:{}", "a".repeat(255))), format!("{}-tiny-0", "a".repeat(LONGEST)));
        let here = std::env::current_dir().unwrap();
        assert_eq!(name("folder:."), format!("{}-tiny-0", plain(&here.file_name().unwrap().to_string_lossy())));
    }

    #[test]
    fn a_run_of_an_older_version_is_still_found() {
        let paths = default_paths(&Config::default(), &"folder:/x/pets".parse().unwrap());
        assert_eq!(paths.map(|path| path.to_str().unwrap().to_owned()), ["runs/pets-tiny-0", "runs/folder-tiny-0"]);
    }
}
