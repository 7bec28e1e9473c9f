//! `dataset.json`, in which StyleGAN's dataset_tool.py writes labels: `{"labels": [["00000/img00000000.png", 3]]}`.
//!
//! The folders of such a set are numbered and mean nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::data::picture::{Kind, PictureFault, sniff};
use crate::data::source::Files;
use crate::data::{DataError, MAX_CLASSES, names};

/// The name of the file.
pub(super) const FILE: &str = "dataset.json";

/// The labels of all files of that name.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<String, Table>);

/// The labels of one file.
#[derive(Debug, Default)]
struct Table {
    /// A label or none for each path, which is relative to the folder of the file.
    labels: BTreeMap<String, Option<u16>>,
}

impl Labels {
    /// Reads the files of that name that have labels. Other tools write such files too.
    ///
    /// # Errors
    /// If one cannot be read, or has a label that is no class number.
    pub fn read(files: &Files, is_left_out: impl Fn(&str) -> bool) -> Result<Self, DataError> {
        let mut tables = BTreeMap::new();
        for path in files.names.iter().filter(|path| path.rsplit('/').next() == Some(FILE) && !is_left_out(path)) {
            if let Some(table) = Table::parse(path, &bytes(files, path)?)? {
                tables.insert(path[..path.len() - FILE.len()].to_owned(), table);
            }
        }
        Ok(Self(tables))
    }

    /// Whether a folder, with a `/` at its end, has such a file.
    pub fn are_in(&self, folder: &str) -> bool {
        self.0.contains_key(folder)
    }

    /// Whether a file decides about the label of a picture, and which it has. The nearest file above the picture counts.
    pub fn of(&self, path: &str) -> Option<Option<u16>> {
        let (folder, table) = self.governing(path)?;
        Some(table.labels.get(&path[folder.len()..]).copied().flatten())
    }

    /// How many pictures of these have no entry, although the files have labels.
    pub fn without_entry<'a>(&self, pictures: impl Iterator<Item = &'a str>) -> usize {
        let lacks = |path: &&str| {
            let found = self.governing(path);
            found.is_some_and(|(folder, table)| {
                !table.labels.is_empty() && !table.labels.contains_key(&path[folder.len()..])
            })
        };
        pictures.filter(lacks).count()
    }

    /// The entries that name no picture: the path of the file, and of the picture.
    pub fn without_picture(&self, pictures: &[String]) -> Vec<(String, String)> {
        let entries = self.0.iter().flat_map(|(folder, table)| table.labels.keys().map(move |name| (folder, name)));
        let lacks = |(folder, name): &(&String, &String)| pictures.binary_search(&format!("{folder}{name}")).is_err();
        entries.filter(lacks).map(|(folder, name)| (format!("{folder}{FILE}"), name.clone())).collect()
    }

    /// The number of classes: one more than the largest label.
    pub fn classes(&self) -> usize {
        let labels = self.0.values().flat_map(|table| table.labels.values());
        labels.flatten().max().map_or(0, |&largest| usize::from(largest) + 1)
    }

    fn governing(&self, path: &str) -> Option<(&str, &Table)> {
        let ends = path.match_indices('/').map(|(end, _)| end + 1).rev().chain([0]);
        ends.into_iter()
            .find_map(|end| self.0.get_key_value(&path[..end]))
            .map(|(folder, table)| (folder.as_str(), table))
    }
}

fn bytes(files: &Files, path: &str) -> Result<Vec<u8>, DataError> {
    let expected = "JSON with the labels of pictures";
    let bytes = files.read(path).map_err(|error| match error {
        DataError::Picture { fault, .. } => DataError::content(path, expected, fault.to_string()),
        other => other,
    })?;
    match sniff(&bytes) {
        kind @ (Kind::LfsPointer | Kind::AnnexPointer) => {
            let found = PictureFault::of(kind).map_or_else(String::new, |fault| fault.to_string());
            Err(DataError::content(path, expected, found))
        }
        _ => Ok(bytes),
    }
}

impl Table {
    /// The labels in a file; nothing if it is JSON without labels.
    fn parse(file: &str, bytes: &[u8]) -> Result<Option<Self>, DataError> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let json: Value = serde_json::from_slice(text)
            .map_err(|error| DataError::content(file, "JSON with the labels of pictures", error.to_string()))?;
        let mut table = Self::default();
        match json.get("labels") {
            None => return Ok(None),
            Some(Value::Null) => {}
            Some(Value::Array(entries)) => {
                for (index, entry) in entries.iter().enumerate() {
                    let pair = entry.as_array().map(Vec::as_slice);
                    let Some([Value::String(name), label]) = pair else {
                        let expected = format!("[\"PICTURE\", LABEL] as entry {index} (counted from 0) of `labels`");
                        return Err(DataError::content(file, expected, short(entry)));
                    };
                    table.add(file, name, label)?;
                }
            }
            Some(Value::Object(entries)) => {
                entries.iter().try_for_each(|(name, label)| table.add(file, name, label))?;
            }
            Some(other) => return Err(DataError::content(file, "a list as `labels`", short(other))),
        }
        Ok(Some(table))
    }

    fn add(&mut self, file: &str, name: &str, label: &Value) -> Result<(), DataError> {
        let path = name.replace('\\', "/");
        let path = names::shown(path.strip_prefix("./").unwrap_or(&path).as_bytes());
        let label = match label {
            Value::Null => None,
            label => Some(class(label).ok_or_else(|| {
                let expected = format!("a class number from 0 to {} for {path}", MAX_CLASSES - 1);
                DataError::content(file, expected, short(label))
            })?),
        };
        match self.labels.insert(path.clone(), label) {
            Some(other) if other != label => {
                let number = |label: Option<u16>| label.map_or_else(|| "null".to_owned(), |label| label.to_string());
                let found = format!("{} and {}", number(other), number(label));
                Err(DataError::content(file, format!("one label for {path}"), found))
            }
            _ => Ok(()),
        }
    }
}

fn class(label: &Value) -> Option<u16> {
    label.as_u64().filter(|&label| label < MAX_CLASSES as u64).and_then(|label| u16::try_from(label).ok())
}

/// JSON on a line, cut where it is long.
fn short(value: &Value) -> String {
    const MOST: usize = 60;
    let text = names::printable(&value.to_string());
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
