//! The files of a zip archive, read without unpacking it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{Read, Seek, SeekFrom};

use zip::read::ZipFileEntry;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{HEAD, Listed, ListedKind, Source};
use crate::data::picture::{LIMIT, PictureFault};
use crate::data::{DataError, names};

/// A zip archive.
#[derive(Debug)]
pub struct ZipSource<R> {
    archive: RefCell<ZipArchive<R>>,
    listed: Vec<Listed>,
    /// The index of each file.
    indices: BTreeMap<String, usize>,
}

impl<R: Read + Seek> ZipSource<R> {
    /// Reads the archive's list of members.
    ///
    /// # Errors
    /// If it is no whole zip archive, two members have the same name, or a name leads out of the archive.
    pub fn open(reader: R) -> Result<Self, DataError> {
        let broken = |error: ZipError| DataError::Zip(error.to_string());
        let archive = ZipArchive::new(reader).map_err(broken)?;
        if archive.has_duplicate_names() {
            return Err(DataError::Zip(twice(&repeated_name(archive).unwrap_or_else(|| "one".to_owned()))));
        }
        let (mut listed, mut indices) = (Vec::new(), BTreeMap::new());
        for index in 0..archive.len() {
            let member = archive.by_index_data(index).map_err(broken)?;
            let entry = entry(&member)?;
            if entry.kind == ListedKind::File && indices.insert(entry.path.clone(), index).is_some() {
                return Err(DataError::Zip(twice(&entry.path)));
            }
            listed.push(entry);
        }
        // An entry for the archive itself says nothing.
        listed.retain(|entry| !entry.path.is_empty());
        Ok(Self { archive: RefCell::new(archive), listed, indices })
    }

    /// The first bytes of a member, up to a limit.
    fn first_bytes(&self, name: &str, limit: u64) -> Result<Vec<u8>, DataError> {
        let missing = || DataError::Read { file: name.to_owned(), message: "no such member".to_owned() };
        let &index = self.indices.get(name).ok_or_else(missing)?;
        let mut archive = self.archive.borrow_mut();
        let damaged = |error: &dyn Display| bad(name, PictureFault::Damaged(format!("its zip member: {error}")));
        check(name, &archive.by_index_data(index).map_err(|error| damaged(&error))?)?;
        let member = archive.by_index(index).map_err(|error| damaged(&error))?;
        let mut bytes = Vec::new();
        // What a header claims allocates nothing: memory grows with the bytes that are there.
        member.take(limit).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        Ok(bytes)
    }
}

impl<R: Read + Seek> Source for ZipSource<R> {
    fn list(&self) -> Result<Vec<Listed>, DataError> {
        Ok(self.listed.clone())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        // Whatever its header claims, a member that is larger than a picture may be is unpacked no further.
        let bytes = self.first_bytes(name, LIMIT + 1)?;
        let length = bytes.len() as u64;
        if length > LIMIT { Err(bad(name, PictureFault::LargeFile { bytes: length, limit: LIMIT })) } else { Ok(bytes) }
    }

    fn head(&self, name: &str) -> Result<Vec<u8>, DataError> {
        self.first_bytes(name, HEAD as u64)
    }

    /// What the archive claims.
    fn size(&self, name: &str) -> Result<Option<u64>, DataError> {
        let index = self.indices.get(name).copied().unwrap_or(usize::MAX);
        Ok(self.archive.borrow().by_index_data(index).ok().map(|member| member.size()))
    }
}

fn bad(name: &str, fault: PictureFault) -> DataError {
    DataError::Picture { file: name.to_owned(), fault }
}

fn twice(name: &str) -> String {
    format!("two members are named {name}")
}

/// Refuses what cannot be read at all, and holds for all members alike: it is no matter of bad pictures.
fn check(name: &str, member: &ZipFileEntry) -> Result<(), DataError> {
    let refused = |expected: &str, found: String| {
        Err(DataError::content(name, expected, format!("{found}; unpack the archive first")))
    };
    match member.compression() {
        _ if member.encrypted() => refused("a member without a password", "an encrypted one".to_owned()),
        CompressionMethod::Stored | CompressionMethod::Deflated => Ok(()),
        other => refused("a member that is stored or deflated", format!("compression method {other}")),
    }
}

fn entry(member: &ZipFileEntry) -> Result<Listed, DataError> {
    let path = path(member)?;
    Ok(match () {
        () if member.is_dir() => Listed::folder(path),
        () if member.is_symlink() => Listed::left_out(path, "linked inside the zip archive"),
        () => Listed::file(path),
    })
}

/// The printable path of a member. Some tools for Windows separate folders with backslashes.
fn path(member: &ZipFileEntry) -> Result<String, DataError> {
    let raw = member.name_raw();
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        // The specification's old encoding, or the Unicode name that some tools add.
        Err(_) => member.name().map_or_else(|_| String::from_utf8_lossy(raw).into_owned(), |name| name.into_owned()),
    };
    let name = name.replace('\\', "/");
    let is_drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    if name.starts_with('/') || is_drive || name.split('/').any(|part| part == "..") {
        let shown = names::shown(raw);
        return Err(DataError::Zip(format!("the member {shown} leads out of the archive")));
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(names::shown(parts.join("/").as_bytes()))
}

/// The first name that the archive's list has twice. The archive itself forgets all but the last of its members.
fn repeated_name<R: Read + Seek>(archive: ZipArchive<R>) -> Option<String> {
    let start = archive.central_directory_start();
    let mut reader = archive.into_inner();
    reader.seek(SeekFrom::Start(start)).ok()?;
    let mut seen = BTreeSet::new();
    loop {
        let mut head = [0; 46];
        reader.read_exact(&mut head).ok()?;
        let length = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let [name, extra, comment] = [28, 30, 32].map(length);
        let mut rest = vec![0; name + extra + comment];
        reader.read_exact(&mut rest).ok()?;
        rest.truncate(name);
        if seen.contains(&rest) {
            return Some(names::shown(&rest));
        }
        seen.insert(rest);
    }
}
