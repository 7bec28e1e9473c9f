//! Files in memory.

use std::collections::BTreeMap;

use super::{Listed, Source};
use crate::data::{DataError, names};

/// Files in memory by their real names. A name that ends in `/` is a folder's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemorySource(pub BTreeMap<String, Vec<u8>>);

impl MemorySource {
    /// The file with a printable name. Only names with a backslash differ from the real ones.
    fn find(&self, name: &str) -> Option<&Vec<u8>> {
        if !name.contains('\\') {
            return self.0.get(name);
        }
        self.0.iter().find(|(real, _)| names::shown(real.as_bytes()) == name).map(|(_, bytes)| bytes)
    }
}

impl Source for MemorySource {
    fn list(&self) -> Result<Vec<Listed>, DataError> {
        let listed = |real: &String| match real.strip_suffix('/') {
            Some(folder) => Listed::folder(names::shown(folder.as_bytes())),
            None => Listed::file(names::shown(real.as_bytes())),
        };
        Ok(self.0.keys().map(listed).collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let missing = || DataError::Read { file: name.to_owned(), message: "no such file".to_owned() };
        self.find(name).cloned().ok_or_else(missing)
    }

    fn head(&self, name: &str) -> Result<Vec<u8>, DataError> {
        match self.find(name) {
            Some(bytes) => Ok(bytes[..bytes.len().min(super::HEAD)].to_vec()),
            None => self.read(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_names_lead_to_the_real_files() {
        let names = ["a\nb", r"a\nb", r"a\\nb", "c"];
        let files = names.iter().enumerate().map(|(index, name)| ((*name).to_owned(), vec![index as u8])).collect();
        let source = MemorySource(files);
        let listed = source.list().unwrap();
        assert_eq!(listed.len(), names.len());
        for Listed { path, .. } in listed {
            let index = usize::from(source.read(&path).unwrap()[0]);
            assert_eq!(path, names::shown(names[index].as_bytes()));
            assert_eq!(source.head(&path), source.read(&path));
        }
        assert!(source.read(r"a\b").is_err());
    }
}
