//! The data specification: the value of `--data` and of the configuration's `data`.

use std::fmt;
use std::str::FromStr;

use super::catalogue::{self, FileSet, GLYPHS};

/// Where the files of a set are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the folder that the specification names.
    Dir(String),
    /// In the publisher's folder, below the caller's folder of data sets.
    Published(&'static str),
}

/// Which data to train on; [`catalogue::forms`] lists the forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DataSpec {
    /// The drawn data set, which needs no files.
    Glyphs,
    /// A set that is read from files.
    Files {
        /// Which one.
        set: FileSet,
        /// Where its files are.
        location: Location,
    },
}

/// Why a text is not a data specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// There is no such data set.
    #[error("unknown data set `{name}`; did you mean `{nearest}`? (valid names: {})", catalogue::names().join(", "))]
    Unknown {
        /// The given name.
        name: String,
        /// The most similar valid name.
        nearest: &'static str,
    },
    /// The set needs a folder, but none is given.
    #[error("`{0}` needs a folder: `{0}:DIR`")]
    DirMissing(&'static str),
    /// The drawn set has no files.
    #[error("`{}` is drawn and takes no folder", GLYPHS)]
    DirForGlyphs,
}

impl DataSpec {
    /// The name of the set, without a folder.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Glyphs => GLYPHS,
            Self::Files { set, .. } => set.name(),
        }
    }
}

impl FromStr for DataSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, dir) = match text.split_once(':') {
            Some((name, dir)) => (name, Some(dir)),
            None => (text, None),
        };
        let entry = catalogue::find(name).ok_or_else(|| unknown(name))?;
        let Some(set) = entry.set else {
            return if dir.is_none() { Ok(Self::Glyphs) } else { Err(SpecError::DirForGlyphs) };
        };
        let location = match (dir, entry.folder) {
            (None, Some(folder)) => Location::Published(folder),
            (Some(dir), _) if !dir.is_empty() => Location::Dir(dir.to_owned()),
            _ => return Err(SpecError::DirMissing(entry.name)),
        };
        Ok(Self::Files { set, location })
    }
}

fn unknown(name: &str) -> SpecError {
    let distance = |candidate: &&str| strsim::damerau_levenshtein(candidate, &name.to_lowercase());
    let nearest = catalogue::names().into_iter().min_by_key(distance).expect("the catalogue is not empty");
    SpecError::Unknown { name: name.to_owned(), nearest }
}

impl fmt::Display for DataSpec {
    /// Writes the specification that parses to this value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())?;
        match self {
            Self::Files { location: Location::Dir(dir), .. } => write!(formatter, ":{dir}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_parses_and_is_written_back() {
        let valid = ["glyphs", "cifar10", "stl10:/a b", "svhn:.", "mnist", "fashion-mnist:x/y", r"folder:C:\pictures"];
        for text in valid {
            assert_eq!(text.parse::<DataSpec>().map(|spec| spec.to_string()), Ok(text.to_owned()));
        }
        let windows = DataSpec::Files { set: FileSet::Folder, location: Location::Dir(r"C:\p".to_owned()) };
        assert_eq!(r"folder:C:\p".parse(), Ok(windows));
        let published = DataSpec::Files { set: FileSet::Stl10, location: Location::Published("stl10_binary") };
        assert_eq!("stl10".parse(), Ok(published));
    }

    #[test]
    fn every_name_parses_to_its_own_entry() {
        for entry in &catalogue::CATALOGUE {
            let with_dir: Result<DataSpec, SpecError> = format!("{}:x", entry.name).parse();
            let alone: Result<DataSpec, SpecError> = entry.name.parse();
            let files = |set, location| Ok(DataSpec::Files { set, location });
            let [expected_alone, expected_with_dir] = match (entry.set, entry.folder) {
                (None, _) => [Ok(DataSpec::Glyphs), Err(SpecError::DirForGlyphs)],
                (Some(set), None) => {
                    [Err(SpecError::DirMissing(entry.name)), files(set, Location::Dir("x".to_owned()))]
                }
                (Some(set), Some(folder)) => {
                    [files(set, Location::Published(folder)), files(set, Location::Dir("x".to_owned()))]
                }
            };
            assert_eq!((&alone, &with_dir), (&expected_alone, &expected_with_dir), "{}", entry.name);
            for spec in [alone, with_dir].into_iter().flatten() {
                assert_eq!(spec.name(), entry.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        let nearest = |text: &str| match text.parse::<DataSpec>() {
            Err(SpecError::Unknown { nearest, .. }) => nearest,
            other => panic!("{text}: {other:?}"),
        };
        for (typo, name) in [
            ("CIFAR-10:x", "cifar10"),
            ("glyph", "glyphs"),
            ("fashion_mnist", "fashion-mnist"),
            ("shvn", "svhn"),
            ("MNIST", "mnist"),
        ] {
            assert_eq!(nearest(typo), name);
        }
        let message = "minst".parse::<DataSpec>().map_err(|error| error.to_string());
        assert!(message.is_err_and(|message| message.contains("`mnist`") && message.contains("folder")));
    }

    #[test]
    fn a_missing_or_superfluous_folder_is_an_error() {
        for text in ["folder", "folder:", "cifar10:"] {
            assert!(matches!(text.parse::<DataSpec>(), Err(SpecError::DirMissing(_))), "{text}");
        }
        assert_eq!("glyphs:here".parse::<DataSpec>(), Err(SpecError::DirForGlyphs));
        assert_eq!(SpecError::DirForGlyphs.to_string(), "`glyphs` is drawn and takes no folder");
    }
}
