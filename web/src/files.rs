//! Files that a visitor has dropped or chosen, as a source of the library's parsers.
//!
//! Nothing is read before a parser asks for it. Pictures that the module cannot decode come from the browser as PNG,
//! under the names that they have.

use std::collections::BTreeMap;

use js_sys::Function;
use slgan::data::catalogue::CATALOGUE;
use slgan::data::names::shown;
use slgan::data::picture::{Kind, LIMIT, PictureFault, sniff};
use slgan::data::{DataError, Dropped, FileSet, Listed, ListedKind, Source, ZipSource, dropped, leftover};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::foreign;
use crate::sentence::sentence;
use crate::slices::{Blocks, Slices};

/// Bytes that tell a file's kind.
const HEAD: u64 = 512;

/// Dropped files and folders.
#[wasm_bindgen]
#[derive(Default)]
pub struct Files {
    /// By their paths. A folder's path ends in `/`.
    picked: BTreeMap<String, Option<Slices>>,
    opened: Option<Opened>,
    /// What the browser has made of pictures.
    prepared: BTreeMap<String, Result<Vec<u8>, PictureFault>>,
}

/// What the parsers read.
enum Opened {
    /// Files by their printable names; folders have no content.
    Plain(BTreeMap<String, Option<Slices>>),
    Archive(ZipSource<Blocks>),
}

#[wasm_bindgen]
impl Files {
    /// No files yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file of `len` bytes; `read` returns the bytes between two places. The path has `/` between folders.
    pub fn add(&mut self, path: String, read: Function, len: f64) {
        self.picked.insert(path, Some(Slices::new(read, len)));
    }

    /// Adds a folder, which may be empty.
    pub fn add_folder(&mut self, path: &str) {
        self.picked.insert(format!("{path}/"), None);
    }

    /// Opens the files as the parser of a data set looks for them, and returns the names of pictures that only the
    /// browser may be able to decode.
    ///
    /// # Errors
    /// If no set has this name, or the only file is a zip archive that cannot be read.
    pub fn open(&mut self, set: &str) -> Result<Vec<String>, JsError> {
        let entry = CATALOGUE.iter().find(|entry| entry.name == set).and_then(|entry| entry.set);
        let set = entry.ok_or_else(|| JsError::new(&format!("data: {set} is not read from files")))?;
        let is_archive = |file: &Option<Slices>| {
            let head = file.as_ref().map(|file| first_bytes("", file, HEAD));
            head.is_some_and(|head| head.is_ok_and(|head| sniff(&head) == Kind::Other("a zip archive")))
        };
        self.opened = Some(match dropped(std::mem::take(&mut self.picked), set, is_archive) {
            Dropped::Archive(file) => {
                let file = file.ok_or_else(|| JsError::new("a folder is no archive"))?;
                Opened::Archive(ZipSource::open(Blocks::new(file)).map_err(sentence)?)
            }
            Dropped::Files(files) => Opened::plain(files),
        });
        if set == FileSet::Folder { self.foreign().map_err(sentence) } else { Ok(Vec::new()) }
    }

    /// The bytes of a picture for the browser to decode; nothing if it must not.
    ///
    /// # Errors
    /// If the browser cannot read the file.
    pub fn foreign_picture(&mut self, name: String) -> Result<Option<Vec<u8>>, JsError> {
        let bytes = match self.read(&name) {
            Ok(bytes) => bytes,
            // The parser meets the same fault, and says so.
            Err(DataError::Picture { .. }) => return Ok(None),
            Err(error) => return Err(sentence(error)),
        };
        match foreign::check(&bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(fault) => {
                self.prepared.insert(name, Err(fault));
                Ok(None)
            }
        }
    }

    /// Takes the PNG that the browser has made of a picture; none if it could not decode it.
    pub fn prepare(&mut self, name: String, png: Option<Vec<u8>>) {
        let fault = || PictureFault::Damaged("this browser cannot decode it".to_owned());
        self.prepared.insert(name, png.ok_or_else(fault));
    }
}

impl Files {
    /// The names of files that are pictures by their content, but not PNG.
    fn foreign(&self) -> Result<Vec<String>, DataError> {
        let mut names = Vec::new();
        for Listed { path, kind } in self.list()? {
            let is_own = kind == ListedKind::File && !path.split('/').any(|part| leftover(part).is_some());
            // A member that cannot be read is for the parser to report.
            if is_own && self.head(&path).is_ok_and(|head| foreign::is_foreign(&head)) {
                names.push(path);
            }
        }
        Ok(names)
    }

    /// A file that lies in no archive.
    fn plain(&self, name: &str) -> Result<&Slices, DataError> {
        let missing = || DataError::Read { file: name.to_owned(), message: "no such file".to_owned() };
        let Some(Opened::Plain(files)) = &self.opened else { return Err(missing()) };
        files.get(name).and_then(Option::as_ref).ok_or_else(missing)
    }
}

impl Source for Files {
    fn list(&self) -> Result<Vec<Listed>, DataError> {
        let listed = |(name, file): (&String, &Option<Slices>)| match file {
            Some(_) => Listed::file(name),
            None => Listed::folder(name),
        };
        match &self.opened {
            Some(Opened::Archive(archive)) => archive.list(),
            Some(Opened::Plain(files)) => Ok(files.iter().map(listed).collect()),
            None => Ok(Vec::new()),
        }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let bad = |fault| DataError::Picture { file: name.to_owned(), fault };
        if let Some(prepared) = self.prepared.get(name) {
            return prepared.clone().map_err(bad);
        }
        if let Some(Opened::Archive(archive)) = &self.opened {
            return archive.read(name);
        }
        let file = self.plain(name)?;
        if file.len() > LIMIT {
            return Err(bad(PictureFault::LargeFile { bytes: file.len(), limit: LIMIT }));
        }
        first_bytes(name, file, LIMIT)
    }

    /// A picture that the browser refuses still begins as one, and its fault is reported when it is read.
    fn head(&self, name: &str) -> Result<Vec<u8>, DataError> {
        match (self.prepared.get(name), &self.opened) {
            (Some(Ok(png)), _) => Ok(png[..png.len().min(HEAD as usize)].to_vec()),
            (_, Some(Opened::Archive(archive))) => archive.head(name),
            _ => first_bytes(name, self.plain(name)?, HEAD),
        }
    }
}

impl Opened {
    fn plain(files: BTreeMap<String, Option<Slices>>) -> Self {
        let name = |path: String| shown(path.trim_end_matches('/').as_bytes());
        Self::Plain(files.into_iter().map(|(path, file)| (name(path), file)).collect())
    }
}

/// At most the first `most` bytes of a file.
fn first_bytes(name: &str, file: &Slices, most: u64) -> Result<Vec<u8>, DataError> {
    let failed = |error: std::io::Error| DataError::Read { file: name.to_owned(), message: error.to_string() };
    file.first_bytes(most).map_err(failed)
}
