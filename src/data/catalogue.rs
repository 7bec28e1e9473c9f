//! The named data sets: the only place that has their names and folders.
//!
//! The parser of `--data`, the help texts, the list of sets, the downloads and the page read this table.

/// A data set that is read from files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileSet {
    /// CIFAR-10, binary layout or its `.tar.gz`.
    Cifar10,
    /// STL-10, binary layout, with unlabelled images.
    Stl10,
    /// SVHN, cropped digits.
    Svhn,
    /// MNIST.
    Mnist,
    /// Fashion-MNIST.
    FashionMnist,
    /// A folder of pictures, with a folder for each class.
    Folder,
}

/// The names of a data set, and where to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The first word of a specification.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// How to read its files; none if the program draws the set.
    pub set: Option<FileSet>,
    /// The folder that the publisher's archive unpacks to, or the usual one; only published sets have one.
    pub folder: Option<&'static str>,
}

/// The name of the drawn digits.
pub const GLYPHS: &str = "glyphs";

/// Every data set, in the order of lists for people.
pub const CATALOGUE: [Entry; 7] = [
    Entry { name: GLYPHS, title: "Drawn digits", set: None, folder: None },
    published("cifar10", "CIFAR-10", FileSet::Cifar10, "cifar-10-batches-bin"),
    published("stl10", "STL-10", FileSet::Stl10, "stl10_binary"),
    published("svhn", "SVHN", FileSet::Svhn, "svhn"),
    published("mnist", "MNIST", FileSet::Mnist, "mnist"),
    published("fashion-mnist", "Fashion-MNIST", FileSet::FashionMnist, "fashion-mnist"),
    Entry { name: "folder", title: "A folder of pictures", set: Some(FileSet::Folder), folder: None },
];

const fn published(name: &'static str, title: &'static str, set: FileSet, folder: &'static str) -> Entry {
    Entry { name, title, set: Some(set), folder: Some(folder) }
}

impl Entry {
    /// How to type it, with `:DIR` for a required folder and `[:DIR]` for an optional one.
    pub fn form(&self) -> String {
        match (self.set, self.folder) {
            (None, _) => self.name.to_owned(),
            (Some(_), None) => format!("{}:DIR", self.name),
            (Some(_), Some(_)) => format!("{}[:DIR]", self.name),
        }
    }
}

impl FileSet {
    /// The set's entry in the table.
    ///
    /// # Panics
    /// If [`CATALOGUE`] has none, which would be a bug in this module.
    pub fn entry(self) -> &'static Entry {
        CATALOGUE.iter().find(|entry| entry.set == Some(self)).expect("`CATALOGUE` has an entry for every set")
    }

    /// The first word of a specification.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The folder that the publisher's archive unpacks to, or the usual one; a folder of pictures has none.
    pub fn publisher_folder(self) -> Option<&'static str> {
        self.entry().folder
    }
}

/// The data set with a name.
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

/// Every name, in the table's order.
pub fn names() -> [&'static str; CATALOGUE.len()] {
    CATALOGUE.map(|entry| entry.name)
}

/// Every form of a specification, as one phrase for help texts: `a, b[:DIR] or c:DIR`.
pub fn forms() -> String {
    let [others @ .., last] = CATALOGUE.map(|entry| entry.form());
    format!("{} or {last}", others.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_titles_and_folders_are_unique() {
        let count = |words: Vec<&str>| words.into_iter().collect::<BTreeSet<_>>().len();
        assert_eq!(count(names().to_vec()), CATALOGUE.len());
        assert_eq!(count(CATALOGUE.iter().map(|entry| entry.title).collect()), CATALOGUE.len());
        let folders: Vec<&str> = CATALOGUE.iter().filter_map(|entry| entry.folder).collect();
        assert_eq!(folders.len(), 5);
        assert_eq!(count(folders.clone()), folders.len());
    }

    #[test]
    fn every_set_is_found_under_its_own_name() {
        for entry in &CATALOGUE {
            assert_eq!(find(entry.name), Some(entry));
            assert_eq!(entry.set.map_or(entry, FileSet::entry), entry);
        }
        assert_eq!(find("CIFAR-10"), None);
    }

    #[test]
    fn the_forms_are_one_phrase() {
        let expected = "glyphs, cifar10[:DIR], stl10[:DIR], svhn[:DIR], mnist[:DIR], fashion-mnist[:DIR] or folder:DIR";
        assert_eq!(forms(), expected);
    }
}
