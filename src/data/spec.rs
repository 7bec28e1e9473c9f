//! The data specification: what `--data` and the configuration name.

use std::fmt;
use std::str::FromStr;

/// A data set that is read from files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileSet {
    /// CIFAR-10, binary layout or its `.tar.gz`: 3x32x32, ten classes.
    Cifar10,
    /// STL-10, binary layout: 3x96x96, ten classes, with unlabelled images.
    Stl10,
    /// SVHN, cropped digits: 3x32x32, ten classes.
    Svhn,
    /// MNIST: 1x28x28, ten classes.
    Mnist,
    /// Fashion-MNIST: 1x28x28, ten classes.
    FashionMnist,
    /// A folder of pictures, with a folder for each class.
    Folder,
}

impl FileSet {
    /// Every set, in the order of the documentation.
    pub const ALL: [Self; 6] = [Self::Cifar10, Self::Stl10, Self::Svhn, Self::Mnist, Self::FashionMnist, Self::Folder];

    /// The name in a specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cifar10 => "cifar10",
            Self::Stl10 => "stl10",
            Self::Svhn => "svhn",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Folder => "folder",
        }
    }

    /// The folder that the publisher's archive unpacks to, or that is usual; a folder of pictures has none.
    pub fn publisher_folder(self) -> Option<&'static str> {
        match self {
            Self::Cifar10 => Some("cifar-10-batches-bin"),
            Self::Stl10 => Some("stl10_binary"),
            Self::Svhn => Some("svhn"),
            Self::Mnist => Some("mnist"),
            Self::FashionMnist => Some("fashion-mnist"),
            Self::Folder => None,
        }
    }
}

/// Where the files of a set are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the folder that the specification names.
    Dir(String),
    /// In the publisher's folder, wherever the caller keeps its data sets.
    Published(&'static str),
}

/// Which data to train on: `glyphs`, `cifar10[:DIR]`, `stl10[:DIR]`, `svhn[:DIR]`, `mnist[:DIR]`,
/// `fashion-mnist[:DIR]` or `folder:DIR`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DataSpec {
    /// The drawn data set, which needs no files.
    Glyphs,
    /// A set to be read by [`load`](super::load).
    Files {
        /// Which one.
        set: FileSet,
        /// Where its files are.
        location: Location,
    },
}

const GLYPHS: &str = "glyphs";

/// Why a data specification is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// There is no such data set.
    #[error("unknown data set `{name}`; did you mean `{nearest}`? (there are {})", names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The name given.
        name: String,
        /// The valid name nearest to it.
        nearest: &'static str,
    },
    /// The set needs a folder, and none is given.
    #[error("`{0}` needs a folder: `{0}:DIR`")]
    DirMissing(&'static str),
    /// The drawn set has no files.
    #[error("`glyphs` is drawn and takes no folder")]
    DirForGlyphs,
}

/// Every name that a specification can begin with.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once(GLYPHS).chain(FileSet::ALL.map(FileSet::name))
}

impl FromStr for DataSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let (name, dir) = match text.split_once(':') {
            Some((name, dir)) => (name, Some(dir)),
            None => (text, None),
        };
        if name == GLYPHS {
            return if dir.is_none() { Ok(Self::Glyphs) } else { Err(SpecError::DirForGlyphs) };
        }
        let set = FileSet::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| unknown(name))?;
        let location = match (dir, set.publisher_folder()) {
            (None, Some(folder)) => Location::Published(folder),
            (Some(dir), _) if !dir.is_empty() => Location::Dir(dir.to_owned()),
            _ => return Err(SpecError::DirMissing(set.name())),
        };
        Ok(Self::Files { set, location })
    }
}

fn unknown(name: &str) -> SpecError {
    let distance = |candidate: &&str| strsim::damerau_levenshtein(candidate, &name.to_lowercase());
    let nearest = names().min_by_key(distance).expect("`names` always yields `glyphs`");
    SpecError::Unknown { name: name.to_owned(), nearest }
}

impl fmt::Display for DataSpec {
    /// Writes the specification that parses to this value.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glyphs => formatter.write_str(GLYPHS),
            Self::Files { set, location: Location::Published(_) } => formatter.write_str(set.name()),
            Self::Files { set, location: Location::Dir(dir) } => write!(formatter, "{}:{dir}", set.name()),
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
    fn a_folder_is_asked_for_where_it_is_needed() {
        for text in ["folder", "folder:", "cifar10:"] {
            assert!(matches!(text.parse::<DataSpec>(), Err(SpecError::DirMissing(_))), "{text}");
        }
        assert_eq!("glyphs:here".parse::<DataSpec>(), Err(SpecError::DirForGlyphs));
    }
}
